import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { until } from '../../system/index.js';
import type { Fault } from '../fault.js';
import { LIMIT_MS, untilSql, writesGoOn } from './conditions.js';
import { untilInSync, untilLeaderless } from './brokers.js';
import { clusterFault } from './for-profile.js';

/** The small disk is the second broker's. */
const BROKER = 1;
const NO_SPACE = 'No space left on device';

export const DISK_FULL: readonly Fault[] = [
  clusterFault({
    name: 'postgres-disk-full',
    title: 'the disk of Postgres is full for a while',
    arena: 'own',
    needs: ['small-disk'],
    run: async (cluster, arena) => {
      const { smallDisks } = cluster;
      const { postgres } = cluster.stores;
      if (smallDisks === undefined) throw new RangeError('the arena has no small disk');
      await writesGoOn(arena);
      await smallDisks.postgres.fill();
      try {
        const log = join(postgres.folder, 'postgres.log');
        await until('Postgres to find no room', LIMIT_MS, async () => {
          // It may give up memory that it had; the rest goes too.
          await smallDisks.postgres.fill();
          return (await readFile(log, 'utf8')).includes(NO_SPACE);
        });
        await arena.workload.acknowledgedMore(20, 5_000);
      } finally {
        await smallDisks.postgres.free();
      }
      // It may have given up altogether.
      await postgres.restart();
      await untilSql(cluster);
      arena.healed();
      await writesGoOn(arena);
    },
  }),
  clusterFault({
    name: 'broker-disk-full',
    title: 'the disk of a broker is full; it is started again when there is room',
    arena: 'own',
    needs: ['small-disk'],
    run: async (cluster, arena) => {
      const { smallDisks, stores } = cluster;
      if (smallDisks === undefined) throw new RangeError('the arena has no small disk');
      await writesGoOn(arena);
      await smallDisks.kafka.fill();
      try {
        await arena.workload.burst('largest-payloads', 30);
        await untilLeaderless(cluster, BROKER);
        await writesGoOn(arena);
      } finally {
        await smallDisks.kafka.free();
        await stores.kafka.kill(BROKER);
        await stores.kafka.restart(BROKER);
      }
      arena.healed();
      await untilInSync(cluster);
    },
  }),
];
