import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Registry } from 'prom-client';
import { closeServer, listen } from './http.js';
import { PROBE_TIMEOUT_MS, within } from './probe.js';
import type { Service } from './service.js';

export interface OpsServerOptions {
  host: string;
  port: number;
  services: readonly Service[];
  registry: Registry;
  /** False before all services have started and once they stop: not ready, whatever the dependencies say. */
  serving: () => boolean;
  /** Milliseconds a service's check may take; then it counts as failed. */
  timeoutMs?: number;
  /** Milliseconds an answer is given again, so that probes stay cheap. */
  cacheMs?: number;
}

export interface OpsServer {
  start(): Promise<AddressInfo>;
  stop(): Promise<void>;
}

/** Probes and scrapes need few; more is somebody who should not be here. */
const MOST_CONNECTIONS = 64;

interface Health {
  ok: boolean;
  states: Record<string, boolean>;
}

/**
 * The port of operators: `/healthz` (is a restart of no use?), `/readyz` (state per dependency), `/metrics`.
 * 200 or 503 with `{name: boolean}`; a check that hangs or throws is false under its service's name.
 */
export function createOpsServer(options: OpsServerOptions): OpsServer {
  const { services, registry, serving, timeoutMs = PROBE_TIMEOUT_MS, cacheMs = 1_000 } = options;
  const liveness = cached(cacheMs, () => checkLiveness(services, timeoutMs));
  const readiness = cached(cacheMs, () => checkReadiness(services, timeoutMs));
  const routes: Record<string, (response: ServerResponse) => Promise<void>> = {
    '/healthz': async (response) => {
      sendHealth(response, await liveness());
    },
    '/readyz': async (response) => {
      const { ok, states } = await readiness();
      sendHealth(response, { ok: ok && serving(), states: { serving: serving(), ...states } });
    },
    '/metrics': async (response) => {
      send(response, 200, registry.contentType, await registry.metrics());
    },
  };

  const server = createServer((request, response) => {
    const route = routes[(request.url ?? '').split('?')[0] ?? ''];
    if (route === undefined) {
      send(response, 404, 'text/plain', 'Here are /healthz, /readyz and /metrics.\n');
    } else if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('allow', 'GET, HEAD');
      send(response, 405, 'text/plain', 'GET or HEAD.\n');
    } else {
      route(response).catch(() => {
        send(response, 500, 'text/plain', 'A metric could not be collected.\n');
      });
    }
  });
  server.maxConnections = MOST_CONNECTIONS;
  return {
    start: () => listen(server, { ...options, hostSetting: 'SOMA_OPS_HOST', portSetting: 'SOMA_OPS_PORT' }),
    stop: () => closeServer(server, 1_000),
  };
}

async function checkLiveness(services: readonly Service[], timeoutMs: number): Promise<Health> {
  const states = await Promise.all(
    services.map(async (service) => {
      const alive = await within(timeoutMs, async () => service.liveness(), false);
      return [service.name, alive] as const;
    }),
  );
  return { ok: states.every(([, alive]) => alive), states: Object.fromEntries(states) };
}

async function checkReadiness(services: readonly Service[], timeoutMs: number): Promise<Health> {
  const answers = await Promise.all(
    services.map(async (service) => {
      const failed: Record<string, boolean> = { [service.name]: false };
      return { service, states: await within(timeoutMs, () => service.readiness(), failed) };
    }),
  );
  const health: Health = { ok: true, states: {} };
  for (const { service, states } of answers) {
    for (const [name, up] of Object.entries(states)) {
      // Two services that disagree about a dependency: one cannot reach it, and that is what counts.
      health.states[name] = up && health.states[name] !== false;
      if (!up && service.optional?.includes(name) !== true) health.ok = false;
    }
  }
  return health;
}

/** Calls `make` at most once in `ttlMs`, however many ask at once. */
function cached<T>(ttlMs: number, make: () => Promise<T>): () => Promise<T> {
  let current: { value: Promise<T>; until: number } | undefined;
  return () => {
    const now = performance.now();
    if (current === undefined || now >= current.until) current = { value: make(), until: now + ttlMs };
    return current.value;
  };
}

function sendHealth(response: ServerResponse, health: Health): void {
  send(response, health.ok ? 200 : 503, 'application/json', `${JSON.stringify(health.states)}\n`);
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' });
  // Node drops the body of an answer to HEAD by itself.
  response.end(body);
}
