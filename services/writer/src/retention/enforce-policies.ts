import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EventLog } from '@soma/event-log';
import type { Codec } from '@soma/events';
import type { Ledger, ProgressWatch } from '@soma/ledger';
import { isSomaError, NO_CONDITIONS, SomaError, type DeleteMemory } from '@soma/memory';
import {
  NO_COUNTS,
  RETENTION_REASONS,
  type KeptPolicy,
  type Outlived,
  type Retention,
  type RetentionCounts,
  type RetentionPolicies,
} from '@soma/memory-store';
import { counter, periodic, type Logger, type Periodic } from '@soma/service';
import type { Counter, Registry } from 'prom-client';
import { writerReached } from '../follow.js';
import { appendCommands, derivedId } from '../own-commands.js';

export interface EnforcePoliciesDeps {
  log: EventLog;
  codec: Codec;
  ledger: Pick<Ledger, 'installation' | 'operations'>;
  policies: RetentionPolicies;
  retention: Pick<Retention, 'hold'>;
  watch: Pick<ProgressWatch, 'reached'>;
  logger: Logger;
  registry: Registry;
  /** SOMA_RETENTION_INTERVAL, in milliseconds. */
  retention_every_ms: number;
  /** SOMA_RETENTION_RATE: deletions a second, over all namespaces. */
  retention_rate: number;
}

/** Between two looks for a policy that is due, milliseconds. */
const LOOK_MS = 2_000;
/** Memories that one look at a namespace finds: a policy with decay looks at all of them each time. */
const FOUND = 10_000;
/** Most deletions that are sent at once. */
const PAGE = 200;
/** How long a process that stopped without a word keeps others from it, milliseconds. */
const HOLD_MS = 30_000;

/**
 * Enforces the policies that are due, one after the other, by deletions that expect the version that was judged: a
 * memory written meanwhile survives. Begun again anywhere, it goes on with what is left; ids are derived, so that what
 * is sent twice has one effect. One process at a time.
 */
export function enforcePolicies(deps: EnforcePoliciesDeps): Periodic {
  const deleted = counter(deps.registry, {
    name: 'soma_writer_retention_deleted_total',
    help: 'Memories that retention policies have deleted, by reason: ttl, decay, max_memories',
    labelNames: ['reason'],
  });
  const holder = randomUUID();
  return periodic({
    everyMs: LOOK_MS,
    work: async (signal) => {
      while (!signal.aborted) {
        const kept = await deps.policies.due();
        if (kept === undefined || !(await deps.retention.hold('policies', holder, HOLD_MS))) return;
        await new Enforcement(kept, deps, { holder, signal, deleted }).run();
      }
    },
    onFailure: (error) => {
      const level = isSomaError(error) && error.retryable ? 'debug' : 'warn';
      deps.logger[level]({ err: error }, 'a retention policy was not enforced to its end; will go on');
    },
  });
}

interface Run {
  holder: string;
  signal: AbortSignal;
  deleted: Counter<'reason'>;
}

/** One policy, enforced once. */
class Enforcement {
  readonly #kept: KeptPolicy;
  readonly #deps: EnforcePoliciesDeps;
  readonly #run: Run;
  readonly #deleted: RetentionCounts = { ...NO_COUNTS };

  constructor(kept: KeptPolicy, deps: EnforcePoliciesDeps, run: Run) {
    this.#kept = kept;
    this.#deps = deps;
    this.#run = run;
  }

  async run(): Promise<void> {
    const { policies, logger, retention_every_ms: againInMs } = this.#deps;
    const { namespace, policy, updated_at: since } = this.#kept;
    for (let before = -1; before < totalOf(this.#deleted);) {
      before = totalOf(this.#deleted);
      const found = await policies.outlived(namespace, policy, FOUND);
      if (found.length === 0) break;
      if (!(await this.#delete(found))) return;
    }
    const deleted = totalOf(this.#deleted);
    await policies.ran({ namespace, since, deleted, againInMs });
    if (deleted > 0) logger.info({ namespace, ...this.#deleted }, 'a retention policy deleted memories');
  }

  /** In pages, at the rate. False when the policy is another one by now. */
  async #delete(found: readonly Outlived[]): Promise<boolean> {
    const { retention_rate: rate } = this.#deps;
    const size = Math.min(PAGE, rate);
    for (let from = 0; from < found.length; from += size) {
      if (!(await this.#isStillSet())) return false;
      const started = performance.now();
      const page = found.slice(from, from + size);
      await this.#deletePage(page);
      const left = (page.length / rate) * 1_000 - (performance.now() - started);
      await sleep(Math.max(0, left), undefined, { signal: this.#run.signal });
    }
    return true;
  }

  async #isStillSet(): Promise<boolean> {
    await this.#alive();
    const { namespace, updated_at } = this.#kept;
    return (await this.#deps.policies.get(namespace))?.updated_at === updated_at;
  }

  async #deletePage(page: readonly Outlived[]): Promise<void> {
    const { ledger, policies, watch } = this.#deps;
    const { namespace } = this.#kept;
    const { generation } = await ledger.installation();
    const commands = page.map((memory) => retentionCommand(namespace, memory));
    const positions = await appendCommands(commands, this.#deps);
    const { signal } = this.#run;
    await writerReached(positions, { watch, generation, signal, alive: () => this.#alive() });
    const ids = commands.map(({ command_id }) => command_id);
    const operations = await ledger.operations(namespace, ids);
    const counts = { ...NO_COUNTS };
    page.forEach(({ reason }, at) => {
      if (operations[at]?.status === 'stored') counts[reason] += 1;
    });
    await policies.count(namespace, counts);
    for (const reason of RETENTION_REASONS) {
      this.#deleted[reason] += counts[reason];
      this.#run.deleted.inc({ reason }, counts[reason]);
    }
  }

  /** @throws SomaError when another process took the work over, and what the signal was aborted with */
  async #alive(): Promise<void> {
    const { holder, signal } = this.#run;
    signal.throwIfAborted();
    if (await this.#deps.retention.hold('policies', holder, HOLD_MS)) return;
    throw new SomaError('store_unavailable', 'another process enforces the retention policies by now');
  }
}

function totalOf({ ttl, decay, max_memories }: RetentionCounts): number {
  return ttl + decay + max_memories;
}

/** Who it says has sent it tells why, in the history too. */
function retentionCommand(
  namespace: string,
  { key, coord, version, revision, reason }: Outlived,
): DeleteMemory {
  return {
    type: 'DeleteMemory',
    command_id: derivedId('retention', namespace, key, revision),
    namespace,
    coord,
    request_hash: null,
    issued_at: Date.now(),
    issuer: `soma:retention:${reason}`,
    bound_to_user: null,
    conditions: { ...NO_CONDITIONS, if_match: [{ version, revision }] },
    erase: false,
    only_expired: false,
  };
}
