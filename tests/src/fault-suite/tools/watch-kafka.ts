import { createRequire } from 'node:module';
import kafkajs, { type Broker, type Consumer, type ConsumerConfig } from 'kafkajs';
import type { Armed } from './armed.js';

interface Produce {
  topicData: { topic: string }[];
}

type ProduceMethod = (this: Broker, request: Produce) => Promise<unknown>;
type ConsumerMethod = (this: kafkajs.Kafka, config: ConsumerConfig) => Consumer;

/** Sees every produce and every commit of offsets of this process. */
export function watchKafka(armed: Armed): void {
  watchProduce(armed);
  watchCommits(armed);
}

/** At the broker's method, because that is what the event log calls. */
function watchProduce(armed: Armed): void {
  const require = createRequire(import.meta.url);
  const { prototype } = require('kafkajs/src/broker/index.js') as { prototype: { produce: ProduceMethod } };
  const produce = prototype.produce;
  prototype.produce = async function (request) {
    const answer = await produce.call(this, request);
    armed.pass({ point: 'after-produce', topics: request.topicData.map(({ topic }) => topic) });
    return answer;
  };
}

function watchCommits(armed: Armed): void {
  const prototype = kafkajs.Kafka.prototype as unknown as { consumer: ConsumerMethod };
  const make = prototype.consumer;
  prototype.consumer = function (config) {
    const consumer = make.call(this, config);
    const commit = consumer.commitOffsets.bind(consumer);
    consumer.commitOffsets = async (offsets) => {
      const topics = offsets.map(({ topic }) => topic);
      armed.pass({ point: 'before-commit', group: config.groupId, topics });
      await commit(offsets);
    };
    return consumer;
  };
}
