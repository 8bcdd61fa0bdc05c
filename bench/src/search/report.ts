import Table from 'cli-table3';
import type { SearchFigures } from './measure-searches.js';

interface Line {
  label: string;
  of: (figures: SearchFigures) => string;
}

const LINES: Line[] = [
  { label: 'POST /memories/search p50 ms', of: ({ restP50 }) => ms(restP50) },
  { label: 'POST /memories/search p99 ms', of: ({ restP99 }) => ms(restP99) },
  { label: 'in the service p50 ms', of: ({ serviceP50 }) => ms(serviceP50) },
  { label: 'in the service p99 ms', of: ({ serviceP99 }) => ms(serviceP99) },
  { label: 'bare: query embedded p50 ms', of: ({ bareEmbedP50 }) => ms(bareEmbedP50) },
  { label: 'bare: index asked p50 ms', of: ({ bareIndexP50 }) => ms(bareIndexP50) },
  { label: 'bare: both p50 ms', of: ({ bareP50 }) => ms(bareP50) },
  { label: 'in the service ÷ bare', of: ({ serviceP50, bareP50 }) => (serviceP50 / bareP50).toFixed(2) },
  { label: 'in the service − bare, ms', of: ({ serviceP50, bareP50 }) => ms(serviceP50 - bareP50) },
  { label: 'answered without a part, %', of: ({ degraded }) => (degraded * 100).toFixed(1) },
  { label: 'copy of the index loaded in s', of: ({ loadSeconds }) => loadSeconds.toFixed(1) },
];

/** A column for each number of memories. */
export function searchReport(figures: readonly SearchFigures[]): string {
  const table = new Table({
    head: ['', ...figures.map(({ memories }) => `${memories} memories`)],
    style: { head: [], border: [] },
  });
  for (const { label, of } of LINES) table.push([label, ...figures.map(of)]);
  const stages = new Set(figures.flatMap(({ stages }) => [...stages.keys()]));
  for (const stage of stages) {
    table.push([
      `stage ${stage}, mean ms`,
      ...figures.map(({ stages }) => {
        const mean = stages.get(stage);
        return mean === undefined ? '–' : ms(mean);
      }),
    ]);
  }
  return table.toString();
}

function ms(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toFixed(1);
}
