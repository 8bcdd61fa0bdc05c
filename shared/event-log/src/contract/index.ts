import { afterAll, beforeAll, describe, jest } from '@jest/globals';
import { describeAppending } from './appending.js';
import { describeConsuming } from './consuming.js';
import type { LogFixture, OpenLogs } from './fixture.js';
import { describeGroups } from './groups.js';
import { describeLooking } from './looking.js';

export * from './fixture.js';

/** The contract of EventLog. `create` makes a log whose topics have PARTITIONS partitions and hold nothing. */
export function describeEventLog(name: string, create: () => Promise<LogFixture>): void {
  // Joining a group takes seconds on a busy machine.
  jest.setTimeout(60_000);
  describe(name, () => {
    let fixture: LogFixture;
    const logs = {} as OpenLogs;
    beforeAll(async () => {
      fixture = await create();
      logs.log = await fixture.open();
      logs.other = await fixture.open();
    }, 60_000);
    afterAll(async () => {
      await Promise.all([logs.log.close(), logs.other.close()]);
      await fixture.drop();
    }, 60_000);
    describeAppending(logs);
    describeLooking(logs);
    describeConsuming(logs);
    describeGroups(logs);
  });
}
