import Table from 'cli-table3';

export type Cell = string | number | null | undefined;

const LONGEST_CELL = 80;

/** Rows under their heads, without colours. An absent value is a dash. */
export function tableOf(head: string[], rows: readonly (readonly Cell[])[]): string {
  const table = new Table({ head, style: { head: [], border: [], compact: true } });
  for (const row of rows) table.push(row.map(textOf));
  return table.toString();
}

/** Names and values, one pair a line. */
export function pairsOf(pairs: readonly (readonly [string, Cell])[]): string {
  const width = Math.max(...pairs.map(([name]) => name.length));
  return pairs.map(([name, value]) => `${name.padEnd(width)}  ${printable(value)}`).join('\n');
}

/** Values beside each other, for lines that come one after the other. */
export function lineOf(cells: readonly Cell[]): string {
  return cells.map(printable).join('  ');
}

function textOf(value: Cell): string {
  const text = printable(value);
  return text.length <= LONGEST_CELL ? text : `${text.slice(0, LONGEST_CELL - 1)}…`;
}

/** What others wrote must not steer the terminal. */
function printable(value: Cell): string {
  if (value === null || value === undefined || value === '') return '-';
  return String(value).replaceAll(/[\p{Cc}\p{Cf}]+/gu, ' ');
}
