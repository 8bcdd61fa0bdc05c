import { describe } from '@jest/globals';
import { describeApply } from './describe-apply.js';
import { describeChanges } from './describe-changes.js';
import { describeFilters } from './describe-filters.js';
import { describeFolding } from './describe-folding.js';
import { describeHeads } from './describe-heads.js';
import { describeHistory } from './describe-history.js';
import { describeListing } from './describe-listing.js';
import { describeRanges } from './describe-ranges.js';
import { describeReads } from './describe-reads.js';
import { describeRecallReads } from './describe-recall-reads.js';
import { describeRedrives } from './describe-redrives.js';
import { describeRepeats } from './describe-repeats.js';
import type { OpenedMemoryStore } from './fixtures.js';

/** What every MemoryStore keeps. `create` gives an empty one. */
export function describeMemoryStore(name: string, create: () => Promise<OpenedMemoryStore>): void {
  describe(`${name} as a MemoryStore`, () => {
    describeApply(create);
    describeRepeats(create);
    describeRedrives(create);
    describeFolding(create);
    describeReads(create);
    describeHeads(create);
    describeRecallReads(create);
    describeChanges(create);
    describeListing(create);
    describeHistory(create);
    describeRanges(create);
    describeFilters(create);
  });
}
