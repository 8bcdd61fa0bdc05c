import type { ErrorCode } from '@soma/memory';
import { counter, DURATION_BUCKETS, histogram, measured } from '@soma/service';
import type { Registry } from 'prom-client';

/** What a gateway counts. Routes are templates; methods and codes come from closed lists. */
export interface GatewayMetrics extends RefusalMetrics {
  requested(request: { route: string; method: string; status: number; seconds: number }): void;
  accepted(type: string): void;
  waited(until: string, complete: boolean, seconds: number): void;
}

interface RefusalMetrics {
  overloaded(): void;
  connectionRefused(): void;
  /** What never became a request: it came too slowly, or was no HTTP. */
  unreadable(code: ErrorCode): void;
  backlogRefused(): void;
}

export interface MeasuredState {
  connections: () => number;
  inFlight: () => number;
  bodyBytes: () => number;
  answerBytes: () => number;
  waiting: () => number;
  streams: () => number;
  /** What waits to be indexed of the namespace that has the most waiting. */
  backlog: () => number;
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
    ...createRefusalMetrics(registry),
  };
}

/** What was turned away, and why. */
function createRefusalMetrics(registry: Registry): RefusalMetrics {
  const overloads = counter(registry, {
    name: 'soma_gateway_overloaded_total',
    help: 'Requests refused because too much was under way.',
  });
  const refusedConnections = counter(registry, {
    name: 'soma_gateway_connections_refused_total',
    help: 'Connections closed at once because too many were open.',
  });
  const unreadable = counter(registry, {
    name: 'soma_gateway_unreadable_requests_total',
    help: 'What never became a request, by error code; request_timeout: it did not arrive in time.',
    labelNames: ['code'],
  });
  const backlogRefusals = counter(registry, {
    name: 'soma_gateway_backlog_refused_total',
    help: 'Requests refused because their namespace has too much waiting to be indexed.',
  });
  return {
    overloaded: () => {
      overloads.inc();
    },
    connectionRefused: () => {
      refusedConnections.inc();
    },
    unreadable: (code) => {
      unreadable.inc({ code });
    },
    backlogRefused: () => {
      backlogRefusals.inc();
    },
  };
}

/** Gauges that are read when somebody scrapes. */
export function measureState(registry: Registry, state: MeasuredState): void {
  const measures: [name: string, help: string, read: () => number][] = [
    ['connections', 'Open connections.', state.connections],
    ['requests_in_flight', 'Requests under way.', state.inFlight],
    ['body_bytes', 'Bytes that the bodies under way may take.', state.bodyBytes],
    ['answer_bytes', 'Bytes of what is read for the answers under way.', state.answerBytes],
    ['streams', 'Streams of events that are open.', state.streams],
    ['operations_waiting', 'Operations that requests wait for.', state.waiting],
    [
      'backlog',
      'Memories that wait to be indexed in the namespace that has the most of them.',
      state.backlog,
    ],
  ];
  for (const [name, help, read] of measures) measured(registry, { name: `soma_gateway_${name}`, help }, read);
}
