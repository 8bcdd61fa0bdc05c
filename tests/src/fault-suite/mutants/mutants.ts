import type { Mutant } from './mutant.js';

/** In the order of docs/reliability.md. Guards of what is not in the sources any more are mended here, not left out. */
export const MUTANTS: readonly Mutant[] = [
  {
    name: 'commit-before-effect',
    bug: "the group's offset is committed before the batch has its effect",
    profile: 'cluster',
    fault: 'writer-killed-after-last-changes',
    edits: [
      {
        file: 'shared/event-log/src/consuming/assigned-partition.ts',
        find: '      const verdict = await this.#hand(rest.slice(0, most));',
        replace: `      this.#source.commit(this, (rest.slice(0, most).at(-1)?.position ?? 0) + 1);
      const verdict = await this.#hand(rest.slice(0, most));`,
      },
      {
        file: 'shared/event-log/src/consuming/commit-buffer.ts',
        find: 'everyMs = 150',
        replace: 'everyMs = 0',
      },
    ],
  },
  {
    name: 'no-inbox',
    bug: 'command ids that were seen before are not known again',
    profile: 'cluster',
    fault: 'commands-sent-again',
    edits: [
      {
        file: 'shared/ledger/src/postgres/inbox.ts',
        find: 'await seenOperations(tx, ids)',
        replace: 'new Map()',
      },
    ],
  },
  {
    name: 'unconditional-index-upsert',
    bug: 'a point of the index is replaced whatever its revision',
    profile: 'cluster',
    fault: 'writer-halted-before-produce',
    edits: [
      {
        file: 'shared/vector-index/src/embedded/statements.ts',
        find: '\n    where excluded.revision > stored.revision',
        replace: '',
      },
    ],
  },
  {
    name: 'versions-instead-of-revisions',
    bug: 'the cache compares versions, which begin anew when a tombstone was pruned',
    profile: 'cluster',
    fault: 'whole-log-replayed',
    edits: [
      {
        file: 'shared/cache/src/redis/cache.ts',
        find: 'return [revisionField(state.revision)',
        replace: 'return [revisionField(state.version)',
      },
    ],
  },
  {
    name: 'plain-cache-delete',
    bug: 'a change deletes the cache entry and lets the leases of readers stand',
    profile: 'cluster',
    fault: 'query-halted-before-fill',
    edits: [
      {
        file: 'shared/cache/src/redis/scripts.ts',
        find: '  if isNewer(KEYS[i], ARGV[i + 1]) then\n    local stored',
        replace: "  redis.call('DEL', KEYS[i])\n  if false then\n    local stored",
      },
      {
        file: 'shared/cache/src/redis/scripts.ts',
        find: "  redis.call('DEL', KEYS[i + 1])\nend",
        replace: 'end',
      },
    ],
  },
  {
    name: 'swallowed-transient-error',
    bug: 'the indexer takes an index that does not answer for one that has answered',
    profile: 'cluster',
    fault: 'index-takes-no-points',
    edits: [
      {
        file: 'services/indexer/src/index-states.ts',
        find: 'await index.upsert(collection, points);\n    refusedBy',
        replace: 'await index.upsert(collection, points).catch(() => undefined);\n    refusedBy',
      },
    ],
  },
  {
    name: 'no-re-emission',
    bug: 'what was committed and not yet announced when the writer died is never announced',
    profile: 'cluster',
    fault: 'writer-killed-after-last-changes',
    edits: [
      {
        file: 'services/writer/src/handle-memory-commands.ts',
        find: '  if ((committed ?? 0) > claim.position) return;',
        replace: '  if (claim.position >= 0) return;',
      },
      {
        file: 'services/writer/src/handle-memory-commands.ts',
        find: '  if (repeated !== undefined)\n',
        replace: '  if (repeated?.position === -1)\n',
      },
    ],
  },
  {
    name: 'filter-without-namespace',
    bug: 'the read that gives search hits their payload looks at the key alone',
    profile: 'standalone',
    fault: 'standalone-terminated',
    edits: [
      {
        file: 'shared/memory-store/src/postgres/memory-row.ts',
        find: "where namespace = $1 and key = asked.key and ${liveCondition('memories')}",
        replace: "where $1::text is not null and key = asked.key and ${liveCondition('memories')}",
      },
    ],
  },
  {
    name: 'idempotent-producer',
    bug: 'the producer numbers its records as an idempotent one does, and counts on only when a reply came',
    profile: 'cluster',
    fault: 'produce-answers-dropped',
    edits: [
      {
        file: 'shared/event-log/src/kafka/produce.ts',
        find: '  const topicData = [...topics]',
        replace: `  const producers = ((globalThis as any).mutantProducers ??= new Map());
  const producer =
    producers.get(broker) ??
    (await (broker as any).initProducerId({ transactionalId: null, transactionTimeout: 30_000 }));
  producers.set(broker, producer);
  const sequences = (producer.sequences ??= new Map());
  for (const [name, partitions] of topics)
    for (const one of partitions) one.firstSequence = sequences.get(\`\${name}/\${one.partition}\`) ?? 0;
  const topicData = [...topics]`,
      },
      {
        file: 'shared/event-log/src/kafka/produce.ts',
        find: '(await broker.produce({ acks: -1, timeout: ACK_TIMEOUT_MS, topicData })) as Produced;',
        replace: `(await broker.produce({
      acks: -1,
      timeout: ACK_TIMEOUT_MS,
      producerId: producer.producerId,
      producerEpoch: producer.producerEpoch,
      topicData,
    } as any)) as Produced;
    for (const [name, partitions] of topics)
      for (const one of partitions)
        sequences.set(\`\${name}/\${one.partition}\`, one.firstSequence + one.messages.length);`,
      },
    ],
  },
  {
    name: 'no-progress-record',
    bug: 'batches do not end with a Progress record, so that nobody learns what the projections hold',
    profile: 'standalone',
    fault: 'standalone-terminated',
    edits: [
      {
        file: 'services/writer/src/handle-memory-commands.ts',
        find: "  events.push({ type: 'Progress', partition: batch.partition, generation, command_position: position });\n",
        replace: '',
      },
    ],
  },
  {
    name: 'positions-from-a-sequence',
    bug: 'positions of the Postgres log come from a sequence, so that a reader may see a later one first',
    profile: 'standalone',
    fault: 'standalone-slow-commits',
    edits: [
      {
        file: 'shared/postgres/migrations/002_reliability.sql',
        find: '-- Up Migration\n',
        replace: '-- Up Migration\n\ncreate sequence mutant_positions;\n',
      },
      {
        file: 'shared/event-log/src/postgres/append.ts',
        find: '  select topic, partition, next_position\n  from log_partitions',
        replace:
          "  select topic, partition, nextval('mutant_positions') * 1000 as next_position\n  from log_partitions",
      },
      {
        file: 'shared/event-log/src/postgres/append.ts',
        find: '  order by topic, partition\n  for update`;',
        replace: '  order by topic, partition`;',
      },
      // The counters would still let nobody past a commit that takes long: they are moved where they are free.
      {
        file: 'shared/event-log/src/postgres/append.ts',
        find: '    set next_position = m.next_position\n',
        replace: '    set next_position = greatest(p.next_position, m.next_position)\n',
      },
      {
        file: 'shared/event-log/src/postgres/append.ts',
        find: '    where p.topic = m.topic and p.partition = m.partition\n',
        replace:
          '    where p.topic = m.topic and p.partition = m.partition and exists (select from log_partitions l where l.topic = p.topic and l.partition = p.partition for update skip locked)\n',
      },
      {
        file: 'shared/event-log/src/postgres/read.ts',
        find: ' and p.next_position > f.position',
        replace: '',
      },
    ],
  },
  {
    name: 'deletion-removes-the-point',
    bug: 'the index forgets deleted memories, so that a late upsert brings them back',
    profile: 'cluster',
    fault: 'writer-halted-before-produce',
    edits: [
      {
        file: 'shared/vector-index/src/embedded/held-points.ts',
        find: '      const found = await this.#rows(sql.UPSERT_POINTS, [collection, chunk.length, ...upsertColumns(chunk)]);\n',
        replace: `      const found = await this.#rows(sql.UPSERT_POINTS, [collection, chunk.length, ...upsertColumns(chunk)]);
      await this.#rows('delete from index_points where collection = $1 and deleted', [collection]);
`,
      },
    ],
  },
  {
    name: 'cache-without-leases',
    bug: 'a reader that missed fills the cache however long ago it read',
    profile: 'cluster',
    fault: 'query-halted-before-fill',
    edits: [
      {
        file: 'shared/cache/src/redis/scripts.ts',
        find: "if redis.call('GET', KEYS[2]) ~= run .. ARGV[1] then return 0 end\n",
        replace: '',
      },
    ],
  },
];
