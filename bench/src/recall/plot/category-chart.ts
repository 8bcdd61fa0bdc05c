import type { SummaryLine } from '../figures/summary.js';
import { share } from '../figures/tables.js';
import { COLOURS, GRID, QUIET, WIDTH, type Chart } from './chart.js';
import { element, words } from './svg.js';

const SHOWN = ['R@5', 'R@10', 'R@20'] as const;
const PLOT = { left: 40, top: 56, width: WIDTH - 60, height: 180 };
const BELOW = 52;

/** Recall at 5, 10 and 20 as bars, a group of three for each line. */
export function categoryChart(lines: readonly SummaryLine[]): Chart {
  const group = PLOT.width / lines.length;
  return {
    height: PLOT.top + PLOT.height + BELOW,
    elements: [
      words(PLOT.left, 22, 'Share of the relevant memories among the first 5, 10 and 20', {
        'font-size': 15,
        'font-weight': 600,
      }),
      ...legend(),
      ...grid(),
      ...lines.flatMap((line, index) => bars(line, PLOT.left + index * group, group)),
    ],
  };
}

function legend(): string[] {
  return SHOWN.flatMap((name, index) => {
    const x = PLOT.left + index * 70;
    return [
      element('rect', { x, y: 33, width: 10, height: 10, fill: COLOURS[index] ?? QUIET }),
      words(x + 15, 42, name),
    ];
  });
}

function grid(): string[] {
  return [0, 0.25, 0.5, 0.75, 1].flatMap((value) => {
    const y = heightOf(value);
    return [
      element('line', { x1: PLOT.left, x2: PLOT.left + PLOT.width, y1: y, y2: y, stroke: GRID }),
      words(PLOT.left - 6, y + 4, value.toFixed(2), { 'text-anchor': 'end', fill: QUIET, 'font-size': 10 }),
    ];
  });
}

function bars({ label, questions, figures }: SummaryLine, left: number, group: number): string[] {
  const width = Math.min(36, (group - 16) / SHOWN.length);
  const middle = left + group / 2;
  const foot = PLOT.top + PLOT.height;
  return [
    ...SHOWN.flatMap((name, index) => {
      const x = middle + (index - SHOWN.length / 2) * width;
      const y = heightOf(figures[name]);
      const number = { 'text-anchor': 'middle', 'font-size': 10 };
      return [
        element('rect', { x: x + 1, y, width: width - 2, height: foot - y, fill: COLOURS[index] ?? QUIET }),
        words(x + width / 2, y - 4, share(figures[name]), number),
      ];
    }),
    words(middle, foot + 18, label, { 'text-anchor': 'middle' }),
    words(middle, foot + 33, `${questions} questions`, {
      'text-anchor': 'middle',
      fill: QUIET,
      'font-size': 10,
    }),
  ];
}

function heightOf(value: number): number {
  return PLOT.top + PLOT.height * (1 - value);
}
