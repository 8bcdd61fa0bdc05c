import { expect, test } from '@jest/globals';
import { ablationChart } from './ablation-chart.js';
import { categoryChart } from './category-chart.js';
import { plot } from './plot.js';

const FIGURES = { 'R@5': 0.5, 'R@10': 0.634, 'R@20': 0.7, 'hit@10': 0.8, 'nDCG@10': 0.6 };

test('labels are escaped and figures stand beside the bars', () => {
  const svg = plot('Recall', [
    categoryChart([{ label: 'R & D <x>', questions: 3, figures: FIGURES }]),
    ablationChart([
      {
        feature: 'thread',
        present: 1,
        alone: 0.1,
        without: 0.6,
        gain: { mean: -0.034, margin: 0.01 },
        gainByCategory: new Map(),
        ndcgGain: 0,
      },
    ]),
  ]);
  expect(svg).toContain('R &amp; D &lt;x&gt;');
  expect(svg).toContain('>.634<');
  expect(svg).toContain('>−.034<');
  expect(svg).not.toMatch(/NaN|Infinity|undefined/);
});

test('one question alone, whose interval is endless, can be drawn', () => {
  const gain = { mean: 0.1, margin: Infinity };
  const line = {
    feature: 'keyword',
    present: 1,
    alone: 1,
    without: 0.9,
    gain,
    gainByCategory: new Map(),
    ndcgGain: 0,
  };
  expect(plot('Recall', [ablationChart([line])])).not.toMatch(/NaN|Infinity/);
});
