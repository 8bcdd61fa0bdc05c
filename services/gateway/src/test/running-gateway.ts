import { ProgressWatch } from '@soma/ledger';
import type { JsonObject } from '@soma/memory';
import { createLogger, loadSettings } from '@soma/service';
import { Registry } from 'prom-client';
import { gatewaySettings } from '../config.js';
import { createGateway, type Gateway } from '../gateway.js';
import { FakeAuditLog } from './fake-audit-log.js';
import { fakeCodec, FakeLog } from './fake-log.js';
import { FakeLimiter, FakeOutcomes } from './fake-limits.js';
import { FakeJobs } from './fake-jobs.js';
import { FakeQuotas } from './fake-quotas.js';
import { FakePolicies } from './fake-policies.js';
import { FakeReads } from './fake-reads.js';
import { FakeTokens } from './fake-tokens.js';
import { FakeWebhooks } from './fake-webhooks.js';
import { FakeWorkers } from './fake-workers.js';

export const TOKEN = 'test-token';

export interface RunningGateway {
  gateway: Gateway;
  url: string;
  log: FakeLog;
  workers: FakeWorkers;
  jobs: FakeJobs;
  tokens: FakeTokens;
  audit: FakeAuditLog;
  policies: FakePolicies;
  webhooks: FakeWebhooks;
  reads: FakeReads;
  limiter: FakeLimiter;
  registry: Registry;
  /** Everything logged, a line each. */
  lines: string[];
  call: (method: string, target: string, options?: CallOptions) => Promise<Called>;
  stop(): Promise<void>;
}

export interface CallOptions {
  /** Sent as JSON; a string or bytes as they are. */
  body?: unknown;
  headers?: Record<string, string>;
  /** Without the token. */
  anonymous?: boolean;
  /** Another token than the one that may do everything. */
  token?: string;
}

export interface Called {
  status: number;
  headers: Headers;
  text: string;
  /** The body as JSON; an empty object when it is none. */
  json: JsonObject;
}

/** A gateway on a free port, over ports in memory. */
export async function startGateway(
  env: Record<string, string> = {},
  prepare: (workers: FakeWorkers) => void = () => undefined,
): Promise<RunningGateway> {
  const lines: string[] = [];
  const logger = createLogger({
    service: 'gateway',
    level: 'info',
    format: 'json',
    destination: { write: (line: string) => void lines.push(line) },
  });
  const outcomes = new FakeOutcomes();
  const limiter = new FakeLimiter();
  const log = new FakeLog();
  const workers = new FakeWorkers(log, outcomes);
  prepare(workers);
  const jobs = new FakeJobs();
  const tokens = new FakeTokens();
  const audit = new FakeAuditLog();
  const policies = new FakePolicies();
  const webhooks = new FakeWebhooks();
  const reads = new FakeReads(workers);
  const watch = new ProgressWatch({ ledger: workers });
  const registry = new Registry();
  const settings = loadSettings(gatewaySettings, {
    ...(env['SOMA_API_TOKEN_FILE'] === undefined ? { SOMA_API_TOKEN: TOKEN } : {}),
    SOMA_API_PORT: '0',
    SOMA_RATE_PUBLIC: '1000',
    ...env,
  });
  const gateway = createGateway({
    settings,
    log,
    codec: fakeCodec,
    ledger: workers,
    jobs,
    tokens,
    audit,
    quotas: new FakeQuotas(),
    tokenFile: env['SOMA_API_TOKEN_FILE'],
    policies,
    webhooks,
    watch,
    outcomes,
    limiter,
    reads,
    logger,
    registry,
  });
  await gateway.start();
  const url = `http://127.0.0.1:${gateway.address().port}`;
  const stop = async (): Promise<void> => {
    await gateway.stop();
    watch.close();
  };
  const call = (method: string, target: string, options: CallOptions = {}) =>
    callGateway(url, method, target, options);
  return {
    gateway,
    url,
    log,
    workers,
    jobs,
    tokens,
    audit,
    policies,
    webhooks,
    reads,
    limiter,
    registry,
    lines,
    call,
    stop,
  };
}

async function callGateway(
  url: string,
  method: string,
  target: string,
  options: CallOptions,
): Promise<Called> {
  const { body, headers = {}, anonymous = false, token = TOKEN } = options;
  const raw = typeof body === 'string' || body instanceof Uint8Array;
  const response = await fetch(`${url}${target}`, {
    method,
    redirect: 'manual',
    headers: {
      ...(anonymous ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: raw ? (body as string) : JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = /[/+]json\b/.test(response.headers.get('content-type') ?? '') && text !== '';
  return {
    status: response.status,
    headers: response.headers,
    text,
    json: isJson ? (JSON.parse(text) as JsonObject) : {},
  };
}
