import { expect, test } from '@jest/globals';
import { meansBetween, parseStageTimes } from './stage-times.js';

const metrics = (sum: number, count: number) => `
# TYPE soma_search_stage_seconds histogram
soma_search_stage_seconds_bucket{le="0.1",service="query",stage="embed"} 3
soma_search_stage_seconds_sum{service="query",stage="embed"} ${sum}
soma_search_stage_seconds_count{service="query",stage="embed"} ${count}
soma_search_stage_seconds_sum{stage="rank"} 0.5
soma_search_stage_seconds_count{stage="rank"} 5
soma_other_seconds_sum{stage="embed"} 99
`;

test('the mean of a stage is what it took between two readings', () => {
  const before = parseStageTimes(metrics(0.2, 2));
  const after = parseStageTimes(metrics(0.5, 5));
  expect([...meansBetween(before, after)]).toEqual([['embed', expect.closeTo(100)]]);
  expect([...meansBetween(new Map(), after)]).toEqual([
    ['embed', expect.closeTo(100)],
    ['rank', expect.closeTo(100)],
  ]);
});
