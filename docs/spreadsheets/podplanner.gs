/**
 * podplanner in Google Sheets: Extensions, Apps Script, paste, save, reload the spreadsheet; the menu is there.
 * Address and key stand in a sheet "podplanner", names in column A and values in column B.
 */

const REQUESTS = {
  submit: { method: 'POST', path: '/v1/plans', type: 'application/json' },
  state: { method: 'GET', path: '/v1/plans/{plan}' },
  table: { method: 'GET', path: '/v1/plans/{plan}/tables/{table}.json' },
  whatIf: { method: 'POST', path: '/v1/plans/{plan}/scenarios?name={name}', type: 'text/csv' },
};

const INPUT_TABLES = [
  'accounts', 'people', 'books', 'pods', 'tiers', 'service', 'roles', 'response', 'distances', 'rules', 'policy',
];
const CHANGE = ['op', 'table', 'id', 'column', 'value'];
const RESULT_TABLES = ['accounts_plan', 'people_plan', 'pods_plan', 'targets', 'moves', 'handovers', 'warnings'];
const SETTINGS = 'podplanner';

function onOpen() {
  SpreadsheetApp.getUi()
    .createMenu('podplanner')
    .addItem('Submit', 'submit')
    .addItem('Refresh', 'refresh')
    .addItem('What if: selected rows of changes', 'whatIf')
    .addToUi();
}

/** Submits the sheets that are named as tables of the input. */
function submit() {
  const body = { name: setting('name'), tables: inputTables() };
  const state = ask(REQUESTS.submit, {}, JSON.stringify(body));
  setSetting('plan', state.id);
  setSetting('shown', state.id);
  tell('Submitted: ' + state.status + '. Refresh fetches the plan.');
}

/** Writes the tables of the plan that was asked for last into sheets of their names, once it has ended. */
function refresh() {
  const plan = { plan: setting('shown') };
  const state = ask(REQUESTS.state, plan);
  if (!state.is_final) {
    tell('Not yet: ' + state.status);
    return;
  }
  if (state.status !== 'succeeded') {
    tell(state.status + ': ' + (state.problem ? state.problem.detail : ''));
    return;
  }
  RESULT_TABLES.forEach((table) => write(table, ask(REQUESTS.table, { ...plan, table: table })));
  tell('Refreshed: ' + state.outcome);
}

/** Asks for a plan near the setting "plan", with the selected rows of the sheet "changes" on top of its input. */
function whatIf() {
  const sheet = SpreadsheetApp.getActiveSheet();
  if (sheet.getName() !== 'changes') {
    tell('Select rows of the sheet changes.');
    return;
  }
  const heads = sheet.getDataRange().getValues()[0];
  const lines = sheet.getActiveRangeList().getRanges().flatMap((range) => {
    const first = Math.max(range.getRow(), 2);
    const count = range.getLastRow() - first + 1;
    return count > 0 ? sheet.getRange(first, 1, count, heads.length).getValues() : [];
  });
  const parts = { plan: setting('plan'), name: setting('name') };
  const state = ask(REQUESTS.whatIf, parts, changesCsv(records(heads, lines)));
  setSetting('shown', state.id);
  tell('Asked what if: ' + state.status + '. Refresh fetches the plan.');
}

function changesCsv(rows) {
  const quoted = (cell) => '"' + String(cell === undefined ? '' : cell).replace(/"/g, '""') + '"';
  const lines = rows.map((row) => CHANGE.map((name) => quoted(row[name])).join(','));
  return [CHANGE.join(','), ...lines].join('\n');
}

function inputTables() {
  const book = SpreadsheetApp.getActive();
  const there = INPUT_TABLES.filter((name) => book.getSheetByName(name));
  return Object.fromEntries(
    there.map((name) => {
      const [heads, ...lines] = book.getSheetByName(name).getDataRange().getValues();
      return [name, records(heads, lines)];
    })
  );
}

/** Rows as objects; blank cells and blank rows are left out. */
function records(heads, lines) {
  return lines
    .map((line) => {
      const cells = heads.map((head, place) => [String(head).trim(), plain(line[place])]);
      return Object.fromEntries(cells.filter(([head, cell]) => head !== '' && cell !== ''));
    })
    .filter((row) => Object.keys(row).length > 0);
}

function plain(cell) {
  const zone = SpreadsheetApp.getActive().getSpreadsheetTimeZone();
  return cell instanceof Date ? Utilities.formatDate(cell, zone, 'yyyy-MM-dd') : cell;
}

function write(table, rows) {
  const book = SpreadsheetApp.getActive();
  const sheet = book.getSheetByName(table) || book.insertSheet(table);
  sheet.clear();
  if (rows.length === 0) {
    return;
  }
  const heads = Object.keys(rows[0]);
  const lines = [heads, ...rows.map((row) => heads.map((head) => cell(row[head])))];
  const formats = lines.map((line) => line.map((value) => (typeof value === 'string' ? '@' : 'General')));
  sheet.getRange(1, 1, lines.length, heads.length).setNumberFormats(formats).setValues(lines);
  sheet.setFrozenRows(1);
}

/** A value that stays what it is: text that looks like a formula is kept as text. */
function cell(value) {
  if (value === null || value === undefined) {
    return '';
  }
  return typeof value === 'string' && /^[=+\-@']/.test(value) ? "'" + value : value;
}

function ask(request, parts, body) {
  const path = request.path.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(parts[name]));
  const headers = { 'X-API-Key': setting('key') };
  if (body !== undefined) {
    headers['Idempotency-Key'] = Utilities.getUuid();
  }
  const options = { method: request.method, headers: headers, muteHttpExceptions: true };
  if (body !== undefined) {
    options.contentType = request.type;
    options.payload = body;
  }
  const answer = UrlFetchApp.fetch(setting('address').replace(/\/$/, '') + path, options);
  const told = JSON.parse(answer.getContentText());
  if (answer.getResponseCode() >= 400) {
    const errors = (told.errors || []).map((each) => each.pointer + ': ' + each.detail);
    throw new Error([told.detail, ...errors].join('\n'));
  }
  return told;
}

function settings() {
  const sheet = SpreadsheetApp.getActive().getSheetByName(SETTINGS);
  if (!sheet) {
    throw new Error('There is no sheet podplanner with address and key.');
  }
  return sheet;
}

function place(name) {
  const names = settings().getDataRange().getValues().map((line) => String(line[0]).trim());
  return names.indexOf(name) + 1;
}

function setting(name) {
  const row = place(name);
  return row === 0 ? '' : String(settings().getRange(row, 2).getValue());
}

function setSetting(name, value) {
  const row = place(name) || settings().getLastRow() + 1;
  settings().getRange(row, 1, 1, 2).setValues([[name, value]]);
}

function tell(text) {
  SpreadsheetApp.getActive().toast(text, 'podplanner');
}
