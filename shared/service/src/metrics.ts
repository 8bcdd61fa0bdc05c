import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** Buckets of durations, seconds: from a cache hit to a request that waits as long as one may. */
export const DURATION_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
/** Buckets of how many things came together: records of a batch, texts of a call. */
export const COUNT_BUCKETS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000];

/** The registry of one process, with Node's own metrics; each carries `service`. */
export function createRegistry(service: string): Registry {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  collectDefaultMetrics({ register: registry });
  return registry;
}

export interface MetricOptions<Label extends string> {
  /** `soma_<what>_<unit>`, counters with `_total`. */
  name: string;
  help: string;
  /** Labels with few values: never a namespace, coord, user or message. */
  labelNames?: readonly Label[];
}

/** The counter of that name, made when the registry has none: services mounted in one process share it. */
export function counter<Label extends string = never>(
  registry: Registry,
  options: MetricOptions<Label>,
): Counter<Label> {
  const existing = registry.getSingleMetric(options.name);
  if (existing instanceof Counter) return existing;
  return new Counter({ ...withLabels(options), registers: [registry] });
}

/** As `counter`, for a value that goes up and down. */
export function gauge<Label extends string = never>(
  registry: Registry,
  options: MetricOptions<Label>,
): Gauge<Label> {
  const existing = registry.getSingleMetric(options.name);
  if (existing instanceof Gauge) return existing;
  return new Gauge({ ...withLabels(options), registers: [registry] });
}

/** A gauge whose value is read when somebody scrapes, wherever that is. Of two of one name the later one counts. */
export function measured(registry: Registry, options: MetricOptions<never>, read: () => number): void {
  registry.removeSingleMetric(options.name);
  new Gauge({
    ...withLabels(options),
    registers: [registry],
    collect() {
      this.set(read());
    },
  });
}

/** As `counter`, for a distribution. */
export function histogram<Label extends string = never>(
  registry: Registry,
  options: MetricOptions<Label> & { buckets: readonly number[] },
): Histogram<Label> {
  const existing = registry.getSingleMetric(options.name);
  if (existing instanceof Histogram) return existing;
  return new Histogram({ ...withLabels(options), buckets: [...options.buckets], registers: [registry] });
}

function withLabels<Label extends string>({ name, help, labelNames = [] }: MetricOptions<Label>) {
  return { name, help, labelNames: [...labelNames] };
}
