import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { Linter } from 'eslint';

const root = new URL('../../../', import.meta.url);
const { default: walls } = (await import(new URL('eslint.walls.js', root).href)) as {
  default: Linter.Config[];
};
const linter = new Linter({ cwd: fileURLToPath(root) });

/** What the walls say of an import in a file that need not exist. */
function complaints(file: string, specifier: string): string[] {
  const messages = linter.verify(`import '${specifier}';`, [{ files: ['**/*.ts'] }, ...walls], file);
  // Anything else is a mistake of this test: a file that nothing matches, a source that does not parse.
  expect(messages.filter(({ ruleId }) => ruleId !== 'no-restricted-imports')).toEqual([]);
  return messages.map(({ message }) => message);
}

describe('a wall stands between', () => {
  test.each([
    ['a service and another', 'services/gateway/src/gateway.ts', '@soma/writer'],
    ['the tests of a service and another', 'services/gateway/src/gateway.test.ts', '@soma/writer'],
    ['a service and another, by path', 'services/gateway/src/gateway.ts', '../../writer/src/writer.js'],
    ['a main.ts and another service', 'services/gateway/src/main.ts', '@soma/query'],
    ['a service and standalone', 'services/gateway/src/main.ts', '@soma/standalone'],
    ['a service and adapters', 'services/writer/src/writer.ts', '@soma/event-log/kafka'],
    ['a service and composition', 'services/writer/src/writer.ts', '@soma/composition'],
    ['settings and adapters', 'services/writer/src/config.ts', '@soma/event-log/kafka'],
    ['a shared package and composition', 'shared/worker/src/run-worker.ts', '@soma/composition'],
    ['composition and services', 'shared/composition/src/cluster.ts', '@soma/writer'],
    ['a service and @soma/testing', 'services/writer/src/writer.ts', '@soma/testing'],
    ['a shared package and services', 'shared/worker/src/run-worker.ts', '@soma/writer'],
    ['the tests of a shared package and services', 'shared/worker/src/run-worker.test.ts', '@soma/writer'],
    ['the domain and everything', 'shared/memory/src/decide.ts', '@soma/events'],
    ['a shared package and one above it', 'shared/ledger/src/postgres/claim.ts', '@soma/memory-store'],
    ['a shared package and adapters', 'shared/worker/src/run-worker.ts', '@soma/cache/redis'],
    [
      'an adapter and the adapter of another port',
      'shared/ledger/src/postgres/claim.ts',
      '@soma/event-log/kafka',
    ],
    ['the memories and the graph', 'shared/memory-store/src/postgres/a.ts', '@soma/graph-store/postgres'],
    ['a port and its adapters', 'shared/event-log/src/port.ts', './kafka/index.js'],
    ['a port and Postgres', 'shared/ledger/src/port.ts', '@soma/postgres'],
    ['a port and drivers', 'shared/cache/src/port.ts', 'ioredis'],
    ['an adapter and its sibling', 'shared/event-log/src/kafka/producer.ts', '../postgres/append.js'],
    [
      'a nested file of an adapter and its sibling',
      'shared/event-log/src/kafka/a/b.ts',
      '../../postgres/append.js',
    ],
    ['clients and the inside', 'clients/typescript/src/client.ts', '@soma/memory'],
  ])('%s', (_, file, specifier) => {
    expect(complaints(file, specifier)).not.toEqual([]);
  });
});

describe('a way is open from', () => {
  test.each([
    ['a service to shared packages', 'services/writer/src/writer.ts', '@soma/event-log'],
    ['a service to its own files', 'services/gateway/src/routes/get.ts', '../limits.js'],
    ['main.ts to adapters', 'services/writer/src/main.ts', '@soma/event-log/kafka'],
    ['main.ts to composition', 'services/writer/src/main.ts', '@soma/composition'],
    ['settings to composition', 'services/writer/src/config.ts', '@soma/composition'],
    ['composition to adapters', 'shared/composition/src/cluster.ts', '@soma/cache/redis'],
    ['standalone to services', 'services/standalone/src/compose.ts', '@soma/writer'],
    ['standalone to adapters', 'services/standalone/src/compose.ts', '@soma/event-log/postgres'],
    [
      'tests of a service to adapters',
      'services/writer/src/writer.integration.test.ts',
      '@soma/event-log/postgres',
    ],
    ['what only tests start to adapters', 'services/gateway/src/test/running.ts', '@soma/cache/in-process'],
    ['tests to @soma/testing', 'shared/ledger/src/postgres/ledger.integration.test.ts', '@soma/testing'],
    ['tests to a contract', 'shared/cache/src/redis/cache.integration.test.ts', '../contract/cache.js'],
    ['a shared package to one below it', 'shared/memory-store/src/port.ts', '@soma/ledger'],
    ['an adapter to its port', 'shared/event-log/src/kafka/producer.ts', '../port.js'],
    ['an adapter to its driver', 'shared/event-log/src/kafka/producer.ts', 'kafkajs'],
    [
      'a nested file of an adapter to the same adapter',
      'shared/ledger/src/postgres/sql/a.ts',
      '../rows/b.js',
    ],
    [
      'a store to the ledger it writes with',
      'shared/memory-store/src/postgres/apply.ts',
      '@soma/ledger/postgres',
    ],
    [
      'the graph to the memories it joins',
      'shared/graph-store/src/postgres/path.ts',
      '@soma/memory-store/postgres',
    ],
    ['an adapter to what holds its connections', 'shared/ledger/src/postgres/claim.ts', '@soma/postgres'],
    ['bench to everything', 'bench/src/writes.ts', '@soma/event-log/kafka'],
  ])('%s', (_, file, specifier) => {
    expect(complaints(file, specifier)).toEqual([]);
  });
});
