import { SomaError } from '@soma/memory';
import type { ReadOptions } from '@soma/reads';
import { measured } from '@soma/service';
import PQueue from 'p-queue';
import type { Registry } from 'prom-client';

/** Fewer than there are connections to Postgres, so that searches and reads by coord never wait for a scan. */
const AT_ONCE = 4;
const MOST_WAITING = 256;

/** Reads that may look at many memories for few: some run, some wait for their turn, further ones get overloaded. */
export class Scans {
  readonly #queue = new PQueue({ concurrency: AT_ONCE });

  constructor(registry: Registry) {
    measured(
      registry,
      { name: 'soma_query_scans_waiting', help: 'Lists, ranges and counts that wait for their turn.' },
      () => this.#queue.size,
    );
  }

  /** @throws SomaError overloaded; the reason of the signal when it is aborted */
  async run<T>({ signal }: Pick<ReadOptions, 'signal'>, scan: () => Promise<T>): Promise<T> {
    if (this.#queue.size >= MOST_WAITING) {
      throw new SomaError('overloaded', 'too many lists and counts are under way; try again');
    }
    return this.#queue.add(scan, signal === undefined ? {} : { signal });
  }
}
