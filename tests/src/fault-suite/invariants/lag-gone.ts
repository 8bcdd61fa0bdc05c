import type { Invariant } from './invariant.js';

/** After the last fault is healed, every group comes to the end of what it follows, within the limit of the drain. */
export const LAG_GONE: Invariant = {
  name: 'lag-gone',
  title: 'Lag returns to 0',
  check: ({ lags }) =>
    lags.map(
      ({ group, topic, partition, behind }) =>
        `${group} is ${behind} records behind in ${topic}/${partition}`,
    ),
};
