import { randomUUID } from 'node:crypto';
import { describe, test } from '@jest/globals';
import { describeEventLog, PARTITIONS } from '../contract/index.js';
import { silent } from '../contract/silent.js';
import { createKafkaLog } from './index.js';

const brokers = process.env['SOMA_TEST_KAFKA_BROKERS']?.split(',');

if (brokers === undefined) {
  describe.skip('the event log in Kafka (no Kafka on this machine)', () => {
    test('is not run', () => undefined);
  });
} else {
  describeEventLog('the event log in Kafka', () => {
    const prefix = `${randomUUID()}.`;
    return Promise.resolve({
      open: async () => {
        const log = createKafkaLog({
          brokers,
          clientId: 'test',
          topicPrefix: prefix,
          groupPrefix: prefix,
          partitions: PARTITIONS,
          singleBroker: true,
          sessionTimeoutMs: 6_000,
          logger: silent,
        });
        await log.start();
        return log;
      },
      drop: () => Promise.resolve(),
    });
  });
}
