import type { Registry } from 'prom-client';
import type { z } from 'zod';
import type { processSettings } from './common-settings.js';
import { createRegistry } from './metrics.js';
import { createOpsServer } from './ops-server.js';
import { runProcess, type ProcessContext, type ProcessOptions, type Running } from './process.js';
import type { Service } from './service.js';

type ServiceSchema = z.ZodObject<ReturnType<typeof processSettings>>;

export interface ServiceContext extends ProcessContext {
  registry: Registry;
}

export interface ServicesOptions<Schema extends ServiceSchema> extends Omit<ProcessOptions<Schema>, 'start'> {
  /** Builds adapters and services from the settings; starts nothing. They are started in order, stopped in reverse. */
  build(settings: z.output<Schema>, context: ServiceContext): Service[] | Promise<Service[]>;
}

/** What a main.ts runs: settings in, services built, the ops port opened, services started and stopped. */
export function runServices<Schema extends ServiceSchema>(options: ServicesOptions<Schema>): Promise<void> {
  return runProcess({
    ...options,
    start: async (settings, context) => {
      const registry = createRegistry(options.name);
      const services = await options.build(settings, { ...context, registry });
      const { SOMA_OPS_HOST: host, SOMA_OPS_PORT: port } = settings as z.output<ServiceSchema>;
      let serving = false;
      const ops = createOpsServer({ host, port, services, registry, serving: () => serving });
      // First to start and last to stop, so that probes get an answer all the while.
      const running = await startAll([ops, ...services]);
      serving = true;
      return {
        stop: () => {
          serving = false;
          return running.stop();
        },
      };
    },
  });
}

interface Part extends Running {
  start(): Promise<unknown>;
}

/**
 * Starts the parts in order. When one fails all are stopped, the last first: what was only built may hold something
 * too, a Postgres that standalone started.
 */
async function startAll(parts: readonly Part[]): Promise<Running> {
  const lastFirst = [...parts].reverse();
  for (const part of parts) {
    try {
      await part.start();
    } catch (error) {
      // Whatever cannot stop either, the start's own failure is the news.
      await stopAll(lastFirst).catch(() => undefined);
      throw error;
    }
  }
  return { stop: () => stopAll(lastFirst) };
}

/** Stops one after the other, all of them, then throws the first failure. */
async function stopAll(parts: readonly Running[]): Promise<void> {
  const failures: unknown[] = [];
  for (const part of parts) {
    await part.stop().catch((error: unknown) => failures.push(error));
  }
  if (failures.length > 0) throw failures[0];
}
