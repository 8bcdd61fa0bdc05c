import type { Fault } from '../fault.js';
import { writesGoOn } from './conditions.js';
import { standaloneFault } from './for-profile.js';

/** Of the other system beside the process: what comes after its records may be committed before them. */
const SLOW = [
  `create function slow_commit() returns trigger language plpgsql as $$
   begin
     if current_setting('application_name') = 'another system' then perform pg_sleep(1); end if;
     return null;
   end $$`,
  `create constraint trigger slow_commit after insert on log_records
   deferrable initially deferred for each row execute function slow_commit()`,
];
const SOUND = 'drop function if exists slow_commit cascade';

export const SLOW_COMMITS: readonly Fault[] = [
  standaloneFault({
    name: 'standalone-slow-commits',
    title: 'commits of another system that appends to the log take a second, those of the process do not',
    run: async (standalone, arena) => {
      try {
        for (const statement of SLOW) await standalone.sql(statement);
        await arena.workload.burst('other-partitioner', 15);
        await writesGoOn(arena, 100);
      } finally {
        await standalone.sql(SOUND);
      }
      arena.healed();
    },
  }),
];
