import { setTimeout as sleep } from 'node:timers/promises';
import { SERVICES, type Cluster, type ServiceName } from '../../system/index.js';

/** As supervisors do, not at once. */
const RESTART_DELAY_MS = 1_000;
/** Of the output of a process that ended. */
const LAST_WORDS = 8_000;

/**
 * Starts again what ends, as Kubernetes or systemd would. Ending with 0 unasked is a failure of the service: whoever
 * supervises it may take that for the end of its work.
 */
export class Supervisor {
  /** Times each service was started again. */
  readonly restarts = new Map<ServiceName, number>();
  readonly complaints: string[] = [];
  readonly lastWords: { name: ServiceName; output: string }[] = [];
  readonly #cluster: Pick<Cluster, 'service' | 'restart'>;
  readonly #left = new Set<ServiceName>();
  #stopping = false;

  constructor(cluster: Pick<Cluster, 'service' | 'restart'>) {
    this.#cluster = cluster;
    for (const name of SERVICES) this.#watch(name);
  }

  /** Nobody starts it again until `start`. */
  leave(name: ServiceName): void {
    this.#left.add(name);
  }

  /** Does nothing for one that runs. */
  start(name: ServiceName): void {
    this.#left.delete(name);
    if (this.#stopping || !this.#cluster.service(name).ended) return;
    this.#cluster.restart(name);
    this.#watch(name);
  }

  stop(): void {
    this.#stopping = true;
  }

  #watch(name: ServiceName): void {
    const watched = this.#cluster.service(name);
    void watched.exit().then(async (code) => {
      if (this.#stopping) return;
      this.lastWords.push({ name, output: watched.output.slice(-LAST_WORDS) });
      if (code === 0 && !this.#left.has(name))
        this.complaints.push(`${name} ended with 0 although nobody asked it to`);
      await sleep(RESTART_DELAY_MS);
      if (this.#left.has(name) || this.#cluster.service(name) !== watched) return;
      this.restarts.set(name, (this.restarts.get(name) ?? 0) + 1);
      this.start(name);
    });
  }
}
