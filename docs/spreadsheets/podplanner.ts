/**
 * podplanner as an Office Script: Automate, New Script, paste. Address, key and action stand in a sheet "podplanner",
 * names in column A and values in column B; action is submit, refresh or what-if (the selected rows of "changes").
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
const DATES = ['start_date', 'end_date', 'since', 'hire_start'];
const SETTINGS = 'podplanner';

type Cell = string | number | boolean;
type Row = { [head: string]: Cell | null };
type Settings = { [name: string]: string };
type Asked = { method: string; path: string; type?: string };
type State = { id: string; status: string; is_final: boolean; outcome: string; problem: { detail: string } | null };
type Problem = { detail: string; errors?: { pointer: string; detail: string }[] };

async function main(workbook: ExcelScript.Workbook) {
  const settings = readSettings(workbook);
  if (settings['action'] === 'submit') {
    const body = { name: settings['name'] ?? '', tables: inputTables(workbook) };
    const state = (await ask(settings, REQUESTS.submit, {}, JSON.stringify(body))) as State;
    setSetting(workbook, 'plan', state.id);
    setSetting(workbook, 'shown', state.id);
  } else if (settings['action'] === 'what-if') {
    const parts: Settings = { plan: settings['plan'] ?? '', name: settings['name'] ?? '' };
    const state = (await ask(settings, REQUESTS.whatIf, parts, changesCsv(selectedRows(workbook)))) as State;
    setSetting(workbook, 'shown', state.id);
  } else {
    await refresh(workbook, settings, { plan: settings['shown'] ?? '' });
  }
}

async function refresh(workbook: ExcelScript.Workbook, settings: Settings, plan: Settings) {
  const state = (await ask(settings, REQUESTS.state, plan)) as State;
  setSetting(workbook, 'status', state.status);
  if (state.is_final && state.status !== 'succeeded') {
    throw new Error(`${state.status}: ${state.problem === null ? '' : state.problem.detail}`);
  }
  if (!state.is_final) {
    return;
  }
  for (const table of RESULT_TABLES) {
    write(workbook, table, (await ask(settings, REQUESTS.table, { ...plan, table: table })) as Row[]);
  }
}

function inputTables(workbook: ExcelScript.Workbook): { [name: string]: Row[] } {
  const tables: { [name: string]: Row[] } = {};
  for (const name of INPUT_TABLES) {
    const used = workbook.getWorksheet(name)?.getUsedRange();
    if (used) {
      const [heads, ...lines] = used.getValues();
      tables[name] = records(heads, lines);
    }
  }
  return tables;
}

function selectedRows(workbook: ExcelScript.Workbook): Row[] {
  const sheet = workbook.getActiveWorksheet();
  const used = sheet.getUsedRange();
  if (sheet.getName() !== 'changes' || !used) {
    throw new Error('Select rows of the sheet changes.');
  }
  const selected = workbook.getSelectedRange();
  const first = selected.getRowIndex();
  const last = first + selected.getRowCount();
  const [heads, ...lines] = used.getValues();
  return records(heads, lines.filter((_, place) => place + 1 >= first && place + 1 < last));
}

function changesCsv(rows: Row[]): string {
  const quoted = (cell: Cell | null | undefined) => '"' + String(cell ?? '').replace(/"/g, '""') + '"';
  const lines = rows.map((row) => CHANGE.map((name) => quoted(row[name])).join(','));
  return [CHANGE.join(','), ...lines].join('\n');
}

/** Rows as objects; blank cells and blank rows are left out. */
function records(heads: Cell[], lines: Cell[][]): Row[] {
  const rows = lines.map((line) => {
    const row: Row = {};
    heads.forEach((head, place) => {
      if (String(head).trim() !== '' && line[place] !== '') {
        row[String(head).trim()] = plain(String(head).trim(), line[place]);
      }
    });
    return row;
  });
  return rows.filter((row) => Object.keys(row).length > 0);
}

/** A date as a date: in cells it is a number of days since the end of 1899. */
function plain(head: string, value: Cell): Cell {
  const isDate = DATES.includes(head) && typeof value === 'number';
  return isDate ? new Date(Math.round((Number(value) - 25569) * 86400000)).toISOString().slice(0, 10) : value;
}

function write(workbook: ExcelScript.Workbook, table: string, rows: Row[]) {
  const sheet = workbook.getWorksheet(table) ?? workbook.addWorksheet(table);
  sheet.getUsedRange()?.clear();
  if (rows.length === 0) {
    return;
  }
  const heads = Object.keys(rows[0]);
  const lines: Cell[][] = [heads, ...rows.map((row) => heads.map((head) => cell(row[head])))];
  const range = sheet.getRangeByIndexes(0, 0, lines.length, heads.length);
  range.setNumberFormats(lines.map((line) => line.map((value) => (typeof value === 'string' ? '@' : 'General'))));
  range.setValues(lines);
}

/** A value that stays what it is: text that looks like a formula is kept as text. */
function cell(value: Cell | null): Cell {
  if (value === null || value === undefined) {
    return '';
  }
  return typeof value === 'string' && /^[=+\-@']/.test(value) ? "'" + value : value;
}

async function ask(settings: Settings, request: Asked, parts: Settings, body?: string): Promise<object> {
  const path = request.path.replace(/\{(\w+)\}/g, (_: string, name: string) => encodeURIComponent(parts[name]));
  const headers: { [name: string]: string } = { 'X-API-Key': settings['key'] };
  if (body !== undefined) {
    headers['Content-Type'] = request.type ?? '';
    headers['Idempotency-Key'] = `${Date.now()}-${Math.random()}`;
  }
  const address = settings['address'].replace(/\/$/, '');
  const answer = await fetch(address + path, { method: request.method, headers: headers, body: body });
  const told: object = await answer.json();
  if (!answer.ok) {
    const problem = told as Problem;
    const errors = (problem.errors ?? []).map((each) => `${each.pointer}: ${each.detail}`);
    throw new Error([problem.detail, ...errors].join('\n'));
  }
  return told;
}

function settingsSheet(workbook: ExcelScript.Workbook): ExcelScript.Worksheet {
  const sheet = workbook.getWorksheet(SETTINGS);
  if (!sheet) {
    throw new Error('There is no sheet podplanner with address and key.');
  }
  return sheet;
}

function readSettings(workbook: ExcelScript.Workbook): Settings {
  const settings: Settings = {};
  const lines = settingsSheet(workbook).getUsedRange()?.getValues() ?? [];
  lines.forEach((line) => (settings[String(line[0]).trim()] = String(line[1])));
  return settings;
}

function setSetting(workbook: ExcelScript.Workbook, name: string, value: string) {
  const sheet = settingsSheet(workbook);
  const names = (sheet.getUsedRange()?.getValues() ?? []).map((line) => String(line[0]).trim());
  const row = names.includes(name) ? names.indexOf(name) : names.length;
  sheet.getRangeByIndexes(row, 0, 1, 2).setValues([[name, value]]);
}
