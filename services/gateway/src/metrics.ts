import { counter, DURATION_BUCKETS, gauge, histogram } from '@soma/service';
import type { Registry } from 'prom-client';

/** What a gateway counts. Routes are templates; methods and codes come from closed lists. */
export interface GatewayMetrics {
  requested(request: { route: string; method: string; status: number; seconds: number }): void;
  accepted(type: string): void;
  waited(until: string, complete: boolean, seconds: number): void;
  overloaded(): void;
}

export interface MeasuredState {
  inFlight(): number;
  waiting(): number;
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
  };
}

/** Gauges that are read when somebody scrapes. */
export function measureState(registry: Registry, state: MeasuredState): () => void {
  const inFlight = gauge(registry, { name: 'soma_gateway_requests_in_flight', help: 'Requests under way.' });
  const waiting = gauge(registry, {
    name: 'soma_gateway_operations_waiting',
    help: 'Operations that requests wait for.',
  });
  return () => {
    inFlight.set(state.inFlight());
    waiting.set(state.waiting());
  };
}
