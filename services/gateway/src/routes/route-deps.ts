import type { AuditLog, Tokens } from '@soma/access';
import type { EventLog } from '@soma/event-log';
import type { Codec } from '@soma/events';
import type { Jobs } from '@soma/jobs';
import type { Ledger } from '@soma/ledger';
import { isNamespace, parseCoordinate, type Limits } from '@soma/memory';
import type { Quotas, RetentionPolicies } from '@soma/memory-store';
import type { ReadOptions } from '@soma/reads';
import type { Webhooks } from '@soma/webhook-store';
import type { CallerOperations, CallerReads } from '../access/caller-reads.js';
import type { CallerRequests } from '../access/caller-requests.js';
import type { Admission } from '../admission.js';
import type { GatewaySettings } from '../config.js';
import type { KnownInstallation } from '../installation.js';
import type { WatchedProgress } from '../projections.js';
import { invalidParameter, RequestRefused } from '../refusal.js';
import type { ApiRequest, HonouredHeader } from '../route.js';
import type { ReadSchemas } from '../schemas/reads.js';
import type { WriteSchemas } from '../schemas/writes.js';
import type { Streams } from '../streams.js';
import type { CommandEncoder, CommandSubmitter, SubmitOptions, Until } from '../submit.js';

/** What operators do with dead letters. */
export type DeadLetterMethods = 'deadLetters' | 'deadLetter' | 'settleDeadLetter' | 'standing';

/**
 * What the handlers of routes share. Memories, links and operations are reached through `reads`, `operations`,
 * `requests` and `submitter` alone: they keep a caller to what it may see.
 */
export interface RouteDeps {
  settings: GatewaySettings;
  limits: Limits;
  reads: CallerReads;
  operations: CallerOperations;
  submitter: CommandSubmitter;
  requests: CallerRequests;
  admission: Pick<Admission, 'stopping' | 'holdAnswer'>;
  watch: WatchedProgress;
  installation: KnownInstallation;
  streams: Pick<Streams, 'open'>;
  writes: WriteSchemas;
  readSchemas: ReadSchemas;
}

/** What operators' routes have besides, which sees everything. */
export interface AdminRouteDeps extends RouteDeps {
  ledger: Pick<Ledger, 'acceptLog' | DeadLetterMethods>;
  log: Pick<EventLog, 'append' | 'partitions'>;
  codec: CommandEncoder & Pick<Codec, 'decode'>;
  jobs: Jobs;
  tokens: Tokens;
  /** Looked at anew when this process changed the tokens. */
  tokenTable: { refresh(): Promise<void> };
  audit: Pick<AuditLog, 'list'>;
  quotas: Quotas;
  policies: Pick<RetentionPolicies, 'list' | 'get' | 'set' | 'remove'>;
  webhooks: Webhooks;
}

export const WRITE_HEADERS: readonly HonouredHeader[] = [
  'Idempotency-Key',
  'Prefer',
  'Soma-Consistency-Token',
];
export const CONDITIONAL_WRITE_HEADERS: readonly HonouredHeader[] = [
  ...WRITE_HEADERS,
  'If-Match',
  'If-None-Match',
];
export const READ_HEADERS: readonly HonouredHeader[] = ['Prefer', 'Soma-Consistency-Token'];

export const JSON_ONLY = ['application/json'];

/** How a write waits: until what, and how long. */
export function submitOptions(
  request: ApiRequest<{ until: Until }, unknown>,
  { settings }: Pick<RouteDeps, 'settings'>,
): SubmitOptions {
  const wait = request.preferences.wait_ms ?? settings.SOMA_WRITE_WAIT * 1000;
  return {
    namespace: request.namespace,
    caller: request.caller,
    until: request.query.until,
    deadline: request.arrived + wait,
    after: request.after,
    traceparent: request.traceparent,
    signal: request.signal,
  };
}

/** How a read waits for its consistency token. */
export function readOptions(
  request: Pick<ApiRequest<unknown, unknown>, 'after' | 'preferences' | 'signal' | 'hold'>,
  { settings }: Pick<RouteDeps, 'settings'>,
): ReadOptions {
  const waitMs = request.preferences.wait_ms ?? settings.SOMA_READ_WAIT * 1000;
  return { after: request.after, waitMs, signal: request.signal, hold: request.hold };
}

/** The namespace that a path names. @throws RequestRefused invalid_request */
export function namespaceIn({ namespace = '' }: Readonly<Record<string, string>>): string {
  if (isNamespace(namespace)) return namespace;
  throw invalidParameter('namespace', 'a namespace is of the form [a-z0-9][a-z0-9_.-]{0,62}');
}

/** The canonical key of a coord. @throws RequestRefused invalid_coord */
export function keyOf(coord: string): string {
  const coordinate = parseCoordinate(coord);
  if (coordinate !== undefined) return coordinate.key;
  throw new RequestRefused(
    'invalid_coord',
    'a coord is 1 to 64 comma-separated numbers of at most 15 digits, or a name of 1 to 200 of A-Z a-z 0-9 . _ : ~ @ + - that is not reserved',
  );
}
