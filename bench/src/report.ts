import Table from 'cli-table3';
import type { BareParts } from './bare-parts.js';
import { MEMORIES, type Figures } from './measure.js';
import type { ProfileReport } from './profiles.js';

interface Line {
  label: string;
  figure: keyof Figures;
  /** What of the bare parts it stands beside. */
  bare?: { part: keyof BareParts; label: string };
}

const LINES: Line[] = [
  {
    label: 'POST accepted/s',
    figure: 'acceptedPerSecond',
    bare: { part: 'expressPerSecond', label: 'express echo/s' },
  },
  {
    label: 'POST stored/s',
    figure: 'storedPerSecond',
    bare: { part: 'postgresRowsPerSecond', label: 'Postgres batched rows/s' },
  },
  { label: 'write → stored p50 ms', figure: 'storedP50' },
  { label: 'write → stored p99 ms', figure: 'storedP99' },
  { label: 'write → searchable p50 ms', figure: 'searchableP50' },
  { label: 'write → searchable p99 ms', figure: 'searchableP99' },
  { label: 'GET p50 ms', figure: 'getP50' },
  {
    label: `search p50 ms (${MEMORIES} memories)`,
    figure: 'searchP50',
    bare: { part: 'indexSearchP50', label: 'index alone p50 ms' },
  },
];

/** All figures as tables for a terminal. */
export function reportText(profiles: readonly ProfileReport[], bare: BareParts): string {
  return [figuresTable(profiles, bare), startsTable(profiles), memoryTable(profiles)].join('\n');
}

function figuresTable(profiles: readonly ProfileReport[], bare: BareParts): string {
  const table = tableWith(['', ...profiles.flatMap(({ profile }) => [profile, '÷ bare']), 'bare part', '']);
  for (const { label, figure, bare: beside } of LINES) {
    const reference = beside === undefined ? undefined : bare[beside.part];
    table.push([
      label,
      ...profiles.flatMap(({ figures }) => [number(figures[figure]), ratio(figures[figure], reference)]),
      beside?.label ?? '',
      reference === undefined ? '' : number(reference),
    ]);
  }
  return table.toString();
}

function startsTable(profiles: readonly ProfileReport[]): string {
  const table = tableWith(['start to ready, s', 'first', 'later']);
  for (const { profile, start } of profiles)
    table.push([profile, start.first.toFixed(1), start.later.toFixed(1)]);
  return table.toString();
}

function memoryTable(profiles: readonly ProfileReport[]): string {
  const table = tableWith(['resident memory, MiB', 'at rest', `after ${MEMORIES} memories`]);
  for (const { profile, memory } of profiles) {
    for (const { process, atRest, after } of memory)
      table.push([`${profile}: ${process}`, number(atRest), number(after)]);
  }
  return table.toString();
}

function tableWith(head: string[]) {
  return new Table({ head, style: { head: [], border: [] } });
}

function number(value: number | undefined): string {
  if (value === undefined) return '–';
  return value >= 100 ? value.toFixed(0) : value.toFixed(1);
}

function ratio(value: number, reference: number | undefined): string {
  return reference === undefined ? '' : (value / reference).toPrecision(2);
}
