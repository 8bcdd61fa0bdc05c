import type { Ledger } from '@soma/ledger';
import { describe } from '@jest/globals';
import type { MemoryStore } from '../port.js';
import { describeApply } from './describe-apply.js';
import { describeFolding } from './describe-folding.js';
import { describeHeads } from './describe-heads.js';
import { describeReads } from './describe-reads.js';
import { describeRecallReads } from './describe-recall-reads.js';
import { describeRedrives } from './describe-redrives.js';
import { describeRepeats } from './describe-repeats.js';

export interface OpenedMemoryStore {
  store: MemoryStore;
  /** Over the same database. */
  ledger: Ledger;
  close(): Promise<void>;
}

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
  });
}
