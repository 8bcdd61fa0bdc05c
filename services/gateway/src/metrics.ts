import { counter, DURATION_BUCKETS, gauge, histogram } from '@soma/service';
import type { Registry } from 'prom-client';

/** What a gateway counts. Routes are templates; methods and codes come from closed lists. */
export interface GatewayMetrics {
  requested(request: { route: string; method: string; status: number; seconds: number }): void;
  accepted(type: string): void;
  waited(until: string, complete: boolean, seconds: number): void;
  overloaded(): void;
  backlogRefused(): void;
}

export interface MeasuredState {
  inFlight(): number;
  bodyBytes(): number;
  waiting(): number;
  /** What waits to be indexed of the namespace that has the most waiting. */
  backlog(): number;
}

const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

export function createGatewayMetrics(registry: Registry): GatewayMetrics {
  const duration = histogram(registry, {
    name: 'soma_gateway_request_duration_seconds',
    help: 'From the headers of a request to the end of its answer.',
    labelNames: ['route', 'method', 'status_class'],
    buckets: DURATION_BUCKETS,
  });
  const commands = counter(registry, {
    name: 'soma_gateway_commands_accepted_total',
    help: 'Commands that the event log took.',
    labelNames: ['type'],
  });
  const waits = histogram(registry, {
    name: 'soma_gateway_wait_seconds',
    help: 'How long writes waited for their outcome; complete: it came in time.',
    labelNames: ['until', 'complete'],
    buckets: DURATION_BUCKETS,
  });
  const overloads = counter(registry, {
    name: 'soma_gateway_overloaded_total',
    help: 'Requests refused because too much was under way.',
  });
  const backlogRefusals = counter(registry, {
    name: 'soma_gateway_backlog_refused_total',
    help: 'Requests refused because their namespace has too much waiting to be indexed.',
  });
  return {
    requested: ({ route, method, status, seconds }) => {
      const labels = {
        route,
        method: METHODS.has(method) ? method : 'other',
        status_class: `${Math.floor(status / 100)}xx`,
      };
      duration.observe(labels, seconds);
    },
    accepted: (type) => {
      commands.inc({ type });
    },
    waited: (until, complete, seconds) => {
      waits.observe({ until, complete: String(complete) }, seconds);
    },
    overloaded: () => {
      overloads.inc();
    },
    backlogRefused: () => {
      backlogRefusals.inc();
    },
  };
}

/** Gauges that are read when somebody scrapes. */
export function measureState(registry: Registry, state: MeasuredState): () => void {
  const inFlight = gauge(registry, { name: 'soma_gateway_requests_in_flight', help: 'Requests under way.' });
  const bodyBytes = gauge(registry, {
    name: 'soma_gateway_body_bytes',
    help: 'Bytes that the bodies under way may take.',
  });
  const waiting = gauge(registry, {
    name: 'soma_gateway_operations_waiting',
    help: 'Operations that requests wait for.',
  });
  const backlog = gauge(registry, {
    name: 'soma_gateway_backlog',
    help: 'Memories that wait to be indexed in the namespace that has the most of them.',
  });
  return () => {
    inFlight.set(state.inFlight());
    bodyBytes.set(state.bodyBytes());
    waiting.set(state.waiting());
    backlog.set(state.backlog());
  };
}
