import { describe } from '@jest/globals';
import { describeGraphReads } from './describe-graph-reads.js';
import { describeGraphWrites } from './describe-graph-writes.js';
import { describeLinkChecks } from './describe-link-checks.js';
import { describePaths } from './describe-paths.js';
import type { OpenedGraphStore } from './fixtures.js';

/** What every GraphStore keeps. `create` gives an empty one. */
export function describeGraphStore(name: string, create: () => Promise<OpenedGraphStore>): void {
  describe(`${name} as a GraphStore`, () => {
    describeGraphWrites(create);
    describeGraphReads(create);
    describePaths(create);
    describeLinkChecks(create);
  });
}
