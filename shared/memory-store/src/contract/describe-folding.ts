import type { Claim } from '@soma/ledger';
import { decide, DEFAULT_LIMITS, revisionOf, type MemoryCommand, type MemoryState } from '@soma/memory';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { batchOf, deleteCommand, patchCommand, storeCommand, type OpenedMemoryStore } from './fixtures.js';

/** A command to make, or an earlier one (counted back) to send again. */
type Step =
  | {
      kind: 'store';
      coord: string;
      n: number;
      ifAbsent: boolean;
      expires_at: number | null;
      ttl_seconds: number | null;
    }
  | { kind: 'patch'; coord: string; n: number }
  | { kind: 'delete'; coord: string }
  | { kind: 'again'; back: number };

const coords = fc.constantFrom('1', '1.0', 'b', 'c');
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant('store' as const),
    coord: coords,
    n: fc.nat(9),
    ifAbsent: fc.boolean(),
    // Long ago: expired the moment it is stored.
    expires_at: fc.constantFrom(null, 1000, 4_000_000_000_000),
    ttl_seconds: fc.constantFrom(null, null, 3600),
  }),
  fc.record({ kind: fc.constant('patch' as const), coord: coords, n: fc.nat(9) }),
  fc.record({ kind: fc.constant('delete' as const), coord: coords }),
  fc.record({ kind: fc.constant('again' as const), back: fc.integer({ min: 1, max: 8 }) }),
);
/** Sizes of batches, and how many records before each are delivered once more. */
const deliveries = fc.array(fc.record({ size: fc.integer({ min: 1, max: 6 }), overlap: fc.nat(4) }), {
  minLength: 40,
  maxLength: 40,
});

function commandsOf(steps: Step[], namespace: string): MemoryCommand[] {
  const commands: MemoryCommand[] = [];
  for (const wanted of steps) {
    const command = wanted.kind === 'again' ? commands.at(-wanted.back) : commandOf(wanted, namespace);
    if (command !== undefined) commands.push(command);
  }
  return commands;
}

function commandOf(wanted: Exclude<Step, { kind: 'again' }>, namespace: string): MemoryCommand {
  switch (wanted.kind) {
    case 'store': {
      const { n, expires_at, ttl_seconds, ifAbsent } = wanted;
      const conditions = { if_exists: false, if_absent: ifAbsent, if_match: null };
      return storeCommand(wanted.coord, {
        namespace,
        payload: { n, text: `n is ${n}` },
        expires_at,
        ttl_seconds,
        conditions,
      });
    }
    case 'patch':
      return patchCommand(
        wanted.coord,
        { payload: { n: wanted.n, patched: true }, tags: [`t${wanted.n}`] },
        { namespace },
      );
    case 'delete':
      return deleteCommand(wanted.coord, { namespace });
  }
}

export function describeFolding(create: () => Promise<OpenedMemoryStore>): void {
  let opened: OpenedMemoryStore;
  beforeAll(async () => {
    opened = await create();
  });
  afterAll(() => opened.close());

  /** Applies everything in the batches given; when each command was carried out, by the store's clock. */
  async function deliver(
    owner: Claim,
    partition: number,
    commands: MemoryCommand[],
    plan: { size: number; overlap: number }[],
  ) {
    const moments = new Map<number, number>();
    let next = 0;
    for (const { size, overlap } of plan) {
      if (next >= commands.length) break;
      const first = Math.max(0, next - overlap);
      const slice = commands.slice(first, next + size);
      for (const applied of await opened.store.apply(batchOf(owner, first, slice, { partition }))) {
        if (!applied.replayed && !applied.applied_before)
          moments.set(applied.position, applied.operation.finished_at);
      }
      next += size;
    }
    return moments;
  }

  test('however commands are cut into batches and repeated, the outcome is the fold of decide', async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 40 }), deliveries, async (steps, plan) => {
        run += 1;
        const namespace = `run${run}`;
        const commands = commandsOf(steps, namespace);
        const owner = await opened.ledger.claim('writer', 'memory.commands', run);
        const moments = await deliver(owner, run, commands, plan);
        const folded = new Map<string, MemoryState>();
        const seen = new Set<string>();
        commands.forEach((command, position) => {
          const isNew = !seen.has(command.command_id);
          seen.add(command.command_id);
          expect(moments.has(position)).toBe(isNew);
          if (!isNew) return;
          const key = command.coord === '1.0' ? '1' : command.coord;
          const moment = {
            now: moments.get(position) ?? 0,
            revision: revisionOf(owner.generation, position),
            limits: DEFAULT_LIMITS,
          };
          const decision = decide(folded.get(key), command, moment);
          if (decision.outcome === 'stored') folded.set(key, decision.memory);
          if (decision.outcome === 'deleted') folded.set(key, decision.tombstone);
        });
        const keys = ['1', 'b', 'c'];
        const { states } = await opened.store.states(namespace, keys);
        expect(states).toEqual(keys.map((key) => folded.get(key)));
      }),
      { numRuns: 25 },
    );
  }, 60_000);
}
