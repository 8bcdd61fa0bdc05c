import { until } from '../../system/index.js';
import type { Fault } from '../fault.js';
import type { EmbedderMode } from '../tools/embedder.js';
import { LIMIT_MS, writesGoOn } from './conditions.js';
import { anyFault } from './for-profile.js';

/** Longer than an embedder is waited for. */
const SLOW_MS = 12_000;
const ENOUGH = 3;

function embedderFault(name: string, title: string, mode: EmbedderMode): Fault {
  return anyFault({
    name,
    title,
    run: async ({ embedder }, arena) => {
      const before = embedder.touched;
      embedder.set(mode);
      try {
        await until(
          `${ENOUGH} requests to the embedder`,
          LIMIT_MS,
          () => embedder.touched >= before + ENOUGH,
        );
        await writesGoOn(arena);
      } finally {
        embedder.set('sound');
      }
      arena.healed();
    },
  });
}

export const EMBEDDER: readonly Fault[] = [
  anyFault({
    name: 'embedder-down',
    title: 'connections to the embedder are reset',
    run: async ({ proxies: { embedder } }, arena) => {
      const before = embedder.taken;
      embedder.set('refuse');
      try {
        await until('connections to the embedder', LIMIT_MS, () => embedder.taken >= before + ENOUGH);
        await writesGoOn(arena);
      } finally {
        embedder.set('pass');
      }
      arena.healed();
    },
  }),
  embedderFault('embedder-unavailable', 'the embedder answers 503', 'unavailable'),
  embedderFault('embedder-rate-limited', 'the embedder answers 429', 'rate-limited'),
  embedderFault('embedder-slow', 'the embedder takes longer than it is waited for', { delayMs: SLOW_MS }),
  embedderFault('embedder-nan', 'vectors of the embedder hold NaN', 'nan'),
  embedderFault(
    'embedder-wrong-dimension',
    'vectors of the embedder have another dimension',
    'wrong-dimension',
  ),
];
