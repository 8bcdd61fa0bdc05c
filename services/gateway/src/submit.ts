import type { AppendResult, EventLog } from '@soma/event-log';
import { trackingHeaders, type Topic } from '@soma/events';
import { raise, type PositionVector } from '@soma/ledger';
import {
  checkCommand,
  parseCoordinate,
  type Command,
  type Limits,
  type Operation,
  type Refusal,
} from '@soma/memory';
import type { Backlog } from './backlog.js';
import type { Caller } from './access/caller.js';
import { bindToUser } from './commands/bind-to-user.js';
import { tokenOf } from './consistency.js';
import type { KnownInstallation } from './installation.js';
import type { GatewayMetrics } from './metrics.js';
import type { Expectation, OutcomeWaiter } from './outcome-waiter.js';
import { areIndexed, type WatchedProgress } from './projections.js';
import type { RateLimits } from './rate-limits.js';
import { RequestRefused } from './refusal.js';

/** What encodes commands: the codec of shared/events. */
export interface CommandEncoder {
  encodeCommand(
    command: Command,
  ): Promise<{ topic: Topic; key: string | null; value: Buffer | null; headers: Record<string, string> }>;
}

export interface SubmitDeps {
  log: Pick<EventLog, 'append'>;
  codec: CommandEncoder;
  waiter: OutcomeWaiter;
  watch: WatchedProgress;
  installation: KnownInstallation;
  limits: Limits;
  rates: RateLimits;
  metrics: GatewayMetrics;
  backlog: Backlog;
  /** The reply-to of this process's records. */
  name: string;
  produceTimeoutMs: number;
}

export const UNTIL = ['accepted', 'stored', 'indexed'] as const;
export type Until = (typeof UNTIL)[number];

/** Why there is no command; `cause` has what the answer's headers need. */
export interface RefusedSubmission {
  coord: string | null;
  refusal: Refusal;
  cause?: Error;
}

/** A command of a request, or why there is none. */
export type Submission = { command: Command } | RefusedSubmission;

export interface SubmitOptions {
  namespace: string;
  /** Who sends them; one that is bound to a user is held to its memories. */
  caller: Pick<Caller, 'user_id'>;
  until: Until;
  /** When the answer is due, on the clock of performance.now(). */
  deadline: number;
  /** Positions of the consistency token that the request came with. */
  after: PositionVector | null;
  traceparent: string | undefined;
  signal: AbortSignal;
}

/** What became of one submission by the deadline. */
export type Result =
  | ({ kind: 'refused' } & RefusedSubmission)
  | { kind: 'reached'; command: Command; status: Until; operation: Operation | null; replayed: boolean }
  | { kind: 'rejected'; command: Command; operation: Operation; replayed: boolean };

export interface Submitted {
  /** In the order of the submissions. */
  results: Result[];
  /** Covers everything that was appended; null when nothing was. */
  token: string | null;
}

/** Takes commands to the log and waits for what becomes of them: bind to the user → check → rates → backlog → append → wait. */
export class CommandSubmitter {
  readonly #deps: SubmitDeps;

  constructor(deps: SubmitDeps) {
    this.#deps = deps;
  }

  async submit(submissions: readonly Submission[], options: SubmitOptions): Promise<Submitted> {
    const installation = this.#deps.installation.current();
    const admitted = await this.#admit(submissions, options);
    const commands = admitted.flatMap((submission) => ('command' in submission ? [submission.command] : []));
    const waits = options.until !== 'accepted' && options.deadline > performance.now();
    const expectation = waits ? this.#deps.waiter.expect(commands) : undefined;
    try {
      const { namespace } = options;
      const appended = await this.#deps.backlog.admit({ namespace, commands, installation }, () =>
        this.#append(commands, expectation, options),
      );
      const positions = positionsOf(appended, installation.generation);
      const token =
        positions === undefined ? null : tokenOf(positions, options.after, installation, options.namespace);
      const byCommand = new Map(commands.map((command, index) => [command, appended[index]]));
      const results = admitted.map((submission): Result => {
        if (!('command' in submission)) return { kind: 'refused', ...submission };
        return resultOfAppend(submission.command, byCommand.get(submission.command));
      });
      if (expectation === undefined || token === null) return { results, token };
      return { results: await this.#wait(results, expectation, options), token };
    } finally {
      expectation?.release();
    }
  }

  /** Refuses what no writer would carry out, and what comes too often for one memory. */
  async #admit(
    submissions: readonly Submission[],
    { namespace, caller }: SubmitOptions,
  ): Promise<Submission[]> {
    const checked = submissions.map((submission): Submission => {
      if (!('command' in submission)) return submission;
      const command = bindToUser(submission.command, caller.user_id);
      const refusal = checkCommand(command, this.#deps.limits);
      return refusal === undefined ? { command } : { coord: coordOf(command), refusal };
    });
    const keys = new Set(
      checked.flatMap((submission) => ('command' in submission ? [keyOf(submission.command)] : [])),
    );
    const overRate = await this.#deps.rates.takeMemories(namespace, keys);
    return checked.map((submission) => {
      const tooOften = 'command' in submission ? overRate.get(keyOf(submission.command)) : undefined;
      if (tooOften === undefined || !('command' in submission)) return submission;
      return {
        coord: coordOf(submission.command),
        refusal: { code: tooOften.code, detail: tooOften.message },
        cause: tooOften,
      };
    });
  }

  async #append(
    commands: readonly Command[],
    expectation: Expectation | undefined,
    { traceparent }: SubmitOptions,
  ): Promise<AppendResult[]> {
    if (commands.length === 0) return [];
    const { codec, log, name, produceTimeoutMs, metrics } = this.#deps;
    const tracking = trackingHeaders({ traceparent, replyTo: name });
    const records = await Promise.all(
      commands.map(async (command) => {
        const encoded = await codec.encodeCommand(command);
        return { ...encoded, headers: { ...encoded.headers, ...tracking } };
      }),
    );
    const appended = await log.append(records, { timeoutMs: produceTimeoutMs });
    commands.forEach((command, index) => {
      const result = appended[index];
      if (result?.ok !== true) return;
      metrics.accepted(command.type);
      expectation?.appended(command.command_id, result);
    });
    return appended;
  }

  async #wait(
    results: readonly Result[],
    expectation: Expectation,
    options: SubmitOptions,
  ): Promise<Result[]> {
    const started = performance.now();
    const settlements = await expectation.settled(timeLeft(options), options.signal);
    const settled = results.map((result): Result => {
      const settlement = result.kind === 'reached' ? settlements.get(result.command.command_id) : undefined;
      if (settlement === undefined || result.kind !== 'reached') return result;
      if (settlement.reused) return reused(result.command);
      const { operation, replayed } = settlement;
      return operation.status === 'stored'
        ? { ...result, status: 'stored', operation, replayed }
        : { kind: 'rejected', command: result.command, operation, replayed };
    });
    const answer = options.until === 'indexed' ? await this.#waitForIndex(settled, options) : settled;
    const complete = answer.every((result) => result.kind !== 'reached' || result.status === options.until);
    this.#deps.metrics.waited(options.until, complete, (performance.now() - started) / 1000);
    return answer;
  }

  async #waitForIndex(results: readonly Result[], options: SubmitOptions): Promise<Result[]> {
    const operations = results.flatMap((result) =>
      result.kind === 'reached' && result.operation !== null ? [result.operation] : [],
    );
    const { watch } = this.#deps;
    const all = await areIndexed(watch, operations, timeLeft(options), options.signal);
    return Promise.all(
      results.map(async (result): Promise<Result> => {
        if (result.kind !== 'reached' || result.operation === null) return result;
        const indexed = all || (operations.length > 1 && (await areIndexed(watch, [result.operation], 0)));
        return indexed ? { ...result, status: 'indexed' } : result;
      }),
    );
  }
}

function timeLeft({ deadline }: SubmitOptions): number {
  return Math.max(0, deadline - performance.now());
}

/** The coord that a command's answer names; of a link, where it leads from. */
export function coordOf(command: Command): string {
  return 'coord' in command ? command.coord : command.from_coord;
}

/** Canonical key of a command that checkCommand let through. */
function keyOf(command: Command): string {
  return parseCoordinate(coordOf(command))?.key ?? coordOf(command);
}

function resultOfAppend(command: Command, appended: AppendResult | undefined): Result {
  if (appended?.ok === true)
    return { kind: 'reached', command, status: 'accepted', operation: null, replayed: false };
  const error = appended?.error ?? new RequestRefused('internal', 'the log gave no result for a record');
  return {
    kind: 'refused',
    coord: coordOf(command),
    refusal: { code: error.code, detail: error.message },
    cause: error,
  };
}

function reused(command: Command): Result {
  const detail = 'this Idempotency-Key was used for another request';
  return { kind: 'refused', coord: coordOf(command), refusal: { code: 'idempotency_key_reused', detail } };
}

function positionsOf(appended: readonly AppendResult[], generation: number): PositionVector | undefined {
  const vector: PositionVector = { generation, positions: {} };
  for (const result of appended) {
    if (!result.ok) continue;
    const positions = (vector.positions[result.topic] ??= {});
    raise(positions, result.partition, result.position);
  }
  return Object.keys(vector.positions).length === 0 ? undefined : vector;
}
