import type { AblationLine } from '../figures/ablation.js';
import type { Difference } from '../figures/paired.js';
import { share } from '../figures/tables.js';
import { COLOURS, GRID, QUIET, WIDTH, type Chart } from './chart.js';
import { element, words } from './svg.js';

const PLOT = { left: 170, top: 62, width: WIDTH - 250 };
const ROW = 26;

/** What R@10 loses without each feature, with its 95 % interval: bars to the right of the line are worth keeping. */
export function ablationChart(lines: readonly AblationLine[]): Chart {
  const sorted = [...lines].sort((a, b) => b.gain.mean - a.gain.mean);
  const bounds = sorted.flatMap(({ gain }) => intervalOf(gain));
  const scale = scaleOver(Math.min(-0.01, ...bounds), Math.max(0.01, ...bounds));
  const foot = PLOT.top + sorted.length * ROW;
  const zero = scale(0);
  return {
    height: foot + 24,
    elements: [
      words(40, 22, 'What R@10 loses without each feature', { 'font-size': 15, 'font-weight': 600 }),
      words(40, 42, 'with the 95 % interval over the questions', { fill: QUIET }),
      element('line', { x1: zero, x2: zero, y1: PLOT.top - 6, y2: foot, stroke: GRID, 'stroke-width': 2 }),
      ...sorted.flatMap((line, index) => row(line, PLOT.top + index * ROW, scale)),
    ],
  };
}

function row({ feature, gain }: AblationLine, top: number, scale: (value: number) => number): string[] {
  const middle = top + ROW / 2;
  const [zero, end] = [scale(0), scale(gain.mean)];
  const [low = zero, high = zero] = intervalOf(gain).map(scale);
  return [
    words(PLOT.left - 12, middle + 4, feature, { 'text-anchor': 'end' }),
    element('rect', {
      x: Math.min(zero, end),
      y: top + 5,
      width: Math.abs(end - zero),
      height: ROW - 10,
      fill: COLOURS[0],
    }),
    element('line', { x1: low, x2: high, y1: middle, y2: middle, stroke: COLOURS[2] }),
    words(PLOT.left + PLOT.width + 70, middle + 4, signed(gain.mean), { 'text-anchor': 'end' }),
  ];
}

/** Nothing around the mean when there are too few questions for an interval. */
function intervalOf({ mean, margin }: Difference): number[] {
  return Number.isFinite(margin) ? [mean - margin, mean + margin] : [mean, mean];
}

function scaleOver(low: number, high: number): (value: number) => number {
  return (value) => PLOT.left + (PLOT.width * (value - low)) / (high - low);
}

function signed(value: number): string {
  return value < 0 ? share(value).replace('-', '−') : `+${share(value)}`;
}
