// A spreadsheet in memory for the script in docs/spreadsheets: one action of its menu, with real requests.
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const vm = require('node:vm');

const { script, action, active, selected, sheets } = JSON.parse(fs.readFileSync(0, 'utf8'));
const said = [];

function range(name, row, column, rows, columns) {
  return {
    getValues: () => sheets[name].slice(row - 1, row - 1 + rows).map((line) =>
      Array.from({ length: columns }, (_, place) => line[column - 1 + place] ?? '')),
    getValue: () => sheets[name][row - 1]?.[column - 1] ?? '',
    setNumberFormats() { return this; },
    setValues(lines) {
      lines.forEach((line, place) => {
        const target = (sheets[name][row - 1 + place] ??= []);
        line.forEach((cell, at) => { target[column - 1 + at] = cell; });
      });
      return this;
    },
    getRow: () => row,
    getLastRow: () => row + rows - 1,
  };
}

function sheet(name) {
  const width = () => Math.max(1, ...sheets[name].map((line) => line.length));
  return {
    getName: () => name,
    getDataRange: () => range(name, 1, 1, sheets[name].length, width()),
    getRange: (row, column, rows = 1, columns = 1) => range(name, row, column, rows, columns),
    getActiveRangeList: () => ({ getRanges: () => selected.map(([row, rows]) => range(name, row, 1, rows, width())) }),
    getLastRow: () => sheets[name].length,
    clear: () => { sheets[name] = []; },
    setFrozenRows() {},
  };
}

const book = {
  getSheetByName: (name) => (name in sheets ? sheet(name) : null),
  insertSheet: (name) => { sheets[name] = []; return sheet(name); },
  getSpreadsheetTimeZone: () => 'UTC',
  toast: (text) => said.push(text),
};

function fetched(address, options) {
  const headers = { ...options.headers, ...(options.contentType ? { 'Content-Type': options.contentType } : {}) };
  const words = Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`]);
  const body = options.payload === undefined ? [] : ['--data-binary', '@-'];
  const told = execFileSync('curl', ['-s', '-w', '\n%{http_code}', '-X', options.method, ...words, ...body, address],
    { input: options.payload ?? '', encoding: 'utf8', maxBuffer: 1 << 26 });
  const end = told.lastIndexOf('\n');
  return { getContentText: () => told.slice(0, end), getResponseCode: () => Number(told.slice(end + 1)) };
}

const around = {
  SpreadsheetApp: { getActive: () => book, getActiveSheet: () => sheet(active) },
  UrlFetchApp: { fetch: fetched },
  Utilities: { getUuid: () => require('node:crypto').randomUUID() },
};
vm.runInNewContext(`${fs.readFileSync(script, 'utf8')}\n${action}();`, around);
process.stdout.write(JSON.stringify({ sheets, said }));
