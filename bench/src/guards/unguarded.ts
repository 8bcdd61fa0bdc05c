import type { Edit } from '@soma/tests/fault-suite/mutants';

/** What takes the guards out of the way of a write, all at once: the price of a promise is shown without it. */
export const UNGUARDED: readonly Edit[] = [
  {
    file: 'shared/ledger/src/postgres/inbox.ts',
    find: 'idempotencyLocks(ids)',
    replace: '[]',
  },
  {
    file: 'shared/ledger/src/postgres/inbox.ts',
    find: 'await seenOperations(tx, ids)',
    replace: 'new Map()',
  },
  {
    file: 'shared/vector-index/src/embedded/statements.ts',
    find: '\n    where excluded.revision > stored.revision',
    replace: '',
  },
  {
    file: 'shared/worker/src/timing.ts',
    find: 'proofIntervalMs: 5_000',
    replace: 'proofIntervalMs: 3_600_000',
  },
  {
    file: 'services/writer/src/handle-memory-commands.ts',
    find: '    await putInCache(applied, deps);\n',
    replace: '',
  },
];
