import type { Change } from '@soma/reads';
import type { ChangeToTell, HeldWebhook, NewDelivery } from '@soma/webhook-store';
import type PQueue from 'p-queue';
import { attemptWith, type AttemptDeps } from './attempt.js';

export interface Told {
  arrived: number;
  /** What did not arrive, and what stands behind it in the order of its memory. */
  rest: NewDelivery[];
  isGone: boolean;
}

/** Tells changes straight from the page that they were read with, where nothing older waits: most are over with that. */
export async function tellChanges(
  changes: readonly Change[],
  webhook: HeldWebhook,
  attempts: PQueue,
  deps: Omit<AttemptDeps, 'reads'>,
): Promise<Told> {
  const byMemory = new Map<string, Change[]>();
  for (const change of changes) {
    const { key } = change.state;
    byMemory.set(key, [...(byMemory.get(key) ?? []), change]);
  }
  const told = await Promise.all(
    [...byMemory.values()].map((ofOne) => tellMemory(ofOne, webhook, attempts, deps)),
  );
  return {
    arrived: told.reduce((sum, { arrived }) => sum + arrived, 0),
    rest: told.flatMap(({ rest }) => rest),
    isGone: told.some(({ isGone }) => isGone),
  };
}

async function tellMemory(
  changes: readonly Change[],
  webhook: HeldWebhook,
  attempts: PQueue,
  deps: Omit<AttemptDeps, 'reads'>,
): Promise<Told> {
  for (const [index, change] of changes.entries()) {
    const toTell = changeToTell(change);
    const memory = change.state.deleted ? null : change.state;
    const { outcome, isGone } = await attempts.add(() =>
      attemptWith(memory, { ...toTell, attempts: 0 }, webhook, deps),
    );
    if (outcome.kind === 'arrived' || outcome.kind === 'void') continue;
    const behind = changes.slice(index + 1).map((later) => ({ ...changeToTell(later), failed: null }));
    return { arrived: index, rest: [{ ...toTell, failed: outcome }, ...behind], isGone };
  }
  return { arrived: changes.length, rest: [], isGone: false };
}

export function changeToTell({ state, operation_id, partition, at }: Change): ChangeToTell {
  const { key, coord, version, revision, deleted } = state;
  const event = deleted ? 'memory.deleted' : 'memory.stored';
  return { partition, revision, key, coord, version, event, operation_id, at };
}
