import { WIDTH, type Chart } from './chart.js';
import { element, picture } from './svg.js';

/** The charts below one another. */
export function plot(title: string, charts: readonly Chart[]): string {
  let height = 0;
  const placed = charts.map((chart) => {
    const group = element('g', { transform: `translate(0 ${height})` }, ...chart.elements);
    height += chart.height;
    return group;
  });
  return picture(WIDTH, height, title, ...placed);
}
