import { styleText } from 'node:util';
import Table from 'cli-table3';
import type { Terminal } from './terminal.js';

export type Cell = string | number | null | undefined;

const LONGEST_CELL = 80;

/** Puts a cell of a column into its colour. */
type Paint = (text: string, column: number) => string;

/** Rows under their heads. An absent value is a dash. */
export function tableOf(
  head: string[],
  rows: readonly (readonly Cell[])[],
  paint: Paint = (text) => text,
): string {
  const table = new Table({ head, style: { head: [], border: [], compact: true } });
  for (const row of rows) table.push(row.map((cell, column) => paint(textOf(cell), column)));
  return table.toString();
}

type Colour = Parameters<typeof styleText>[0];

/** Colours of the first columns, on a screen that shows them and unless NO_COLOR is set (https://no-color.org). */
export function painting({ columns, env }: Terminal, colours: readonly Colour[]): Paint {
  if (columns === undefined || (env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb')
    return (text) => text;
  return (text, column) => {
    const colour = colours[column];
    return colour === undefined ? text : styleText(colour, text, { validateStream: false });
  };
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
