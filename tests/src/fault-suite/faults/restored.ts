import { execFile } from 'node:child_process';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Fault } from '../fault.js';
import { untilProgress, writesGoOn } from './conditions.js';
import { clusterFault } from './for-profile.js';

const run = promisify(execFile);

export const RESTORED: readonly Fault[] = [
  clusterFault({
    name: 'postgres-put-back',
    title: 'Postgres is put back to what it was a while ago, under load',
    arena: 'own',
    withoutExpiry: true,
    run: async (cluster, arena) => {
      const { postgres } = cluster.stores;
      const data = join(postgres.folder, 'data');
      const backup = join(postgres.folder, 'backup');
      await postgres.halt();
      // Owners stay, which Postgres insists on.
      await run('cp', ['-a', data, backup]);
      await postgres.restart();
      await writesGoOn(arena, 100);
      await untilProgress(cluster, 'writer', 20);
      await untilProgress(cluster, 'indexer', 20);
      await postgres.halt();
      await rm(data, { recursive: true });
      await rename(backup, data);
      await postgres.restart();
      arena.healed();
      await writesGoOn(arena);
    },
  }),
];
