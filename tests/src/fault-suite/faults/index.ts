import type { Fault } from '../fault.js';
import { BROKERS } from './brokers.js';
import { BURSTS } from './burst.js';
import { CLOCK } from './clock.js';
import { DISK_FULL } from './disk-full.js';
import { EMBEDDER } from './embedder.js';
import { GROUPS } from './groups.js';
import { HALF_OPEN } from './half-open.js';
import { KILL_POINTS } from './kill-points.js';
import { LOG_REPLACED } from './log-replaced.js';
import { POSTGRES } from './postgres.js';
import { PRODUCE_ANSWERS } from './produce-answers.js';
import { READERS } from './readers.js';
import { REDIS } from './redis.js';
import { REGISTRY } from './registry.js';
import { REBUILT } from './rebuilt.js';
import { RENEWED } from './renewed.js';
import { REPLAYED } from './replayed.js';
import { RESTORED } from './restored.js';
import { SLOW_COMMITS } from './slow-commits.js';
import { TERMINATED } from './terminated.js';
import { VECTOR_INDEX } from './vector-index.js';

/** All that may go wrong, by family. */
export const FAULTS: readonly Fault[] = [
  ...KILL_POINTS,
  ...TERMINATED,
  ...GROUPS,
  ...BROKERS,
  ...PRODUCE_ANSWERS,
  ...POSTGRES,
  ...REDIS,
  ...READERS,
  ...VECTOR_INDEX,
  ...EMBEDDER,
  ...REGISTRY,
  ...BURSTS,
  ...REBUILT,
  ...RENEWED,
  ...CLOCK,
  ...HALF_OPEN,
  ...LOG_REPLACED,
  ...REPLAYED,
  ...RESTORED,
  ...SLOW_COMMITS,
  ...DISK_FULL,
];
