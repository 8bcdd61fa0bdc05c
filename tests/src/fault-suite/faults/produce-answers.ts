import { until } from '../../system/index.js';
import type { Fault } from '../fault.js';
import type { ProxyMode } from '../tools/tcp-proxy.js';
import { LIMIT_MS, writesGoOn } from './conditions.js';
import { clusterFault } from './for-profile.js';

/** Beyond what a producer waits for an answer. */
const LATE_MS = 7_000;
const ENOUGH = 12;

function produceAnswers(name: string, title: string, mode: ProxyMode): Fault {
  return clusterFault({
    name,
    title,
    run: async (cluster, arena) => {
      const { kafka } = cluster.proxies;
      const touched = () => kafka.reduce((sum, proxy) => sum + proxy.produceAnswersTouched, 0);
      const before = touched();
      for (const proxy of kafka) proxy.set(mode);
      try {
        await until(`${ENOUGH} answers to Produce`, LIMIT_MS, () => touched() >= before + ENOUGH);
      } finally {
        for (const proxy of kafka) proxy.set('pass');
      }
      arena.healed();
      await writesGoOn(arena);
    },
  });
}

export const PRODUCE_ANSWERS: readonly Fault[] = [
  produceAnswers('produce-answers-dropped', 'brokers take records, and their answers are lost', {
    produceAnswers: 'drop',
  }),
  produceAnswers('produce-answers-late', 'brokers take records, and their answers come too late', {
    produceAnswers: { delayMs: LATE_MS },
  }),
  produceAnswers('produce-answers-slow', 'answers to Produce take a second', {
    produceAnswers: { delayMs: 1_000 },
  }),
];
