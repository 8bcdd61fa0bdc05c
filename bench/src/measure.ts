import type { System } from '@soma/tests/system';
import { ApiClient } from './api-client.js';
import { coordOf, fill, untilIndexed } from './filling.js';
import { load, type Exchange, type LoadResult } from './load.js';
import { memoryBody, question } from './memories.js';
import { percentile } from './percentile.js';

/** What is written down of one profile. Times in milliseconds. */
export interface Figures {
  acceptedPerSecond: number;
  storedPerSecond: number;
  storedP50: number;
  storedP99: number;
  searchableP50: number;
  searchableP99: number;
  getP50: number;
  searchP50: number;
}

/** Memories that reads and searches are measured over. */
export const MEMORIES = 10_000;
const NAMESPACE = 'bench';
/** Requests at one time where throughput is measured; latencies are measured with one. */
export const CONNECTIONS = 64;
export const THROUGHPUT = { requests: 5_000, ms: 10_000 };
const LATENCY = { requests: 500, ms: 10_000 };

/** Puts the profile under load, a phase after the other; ends with MEMORIES in it. */
export async function measure(system: System): Promise<Figures> {
  const bench = new Bench(system);
  // Code that has run a few times is what runs in service.
  await bench.write('warm', 'stored', { connections: 8, most: { requests: 300, ms: 10_000 } });

  const accepted = await bench.write('accepted', 'accepted', { connections: CONNECTIONS, most: THROUGHPUT });
  await bench.settle();
  const stored = await bench.write('stored', 'stored', { connections: CONNECTIONS, most: THROUGHPUT });
  await bench.settle();
  await bench.fill();
  await bench.settle();
  const oneStored = await bench.write('one-stored', 'stored', { connections: 1, most: LATENCY });
  await bench.settle();
  const oneSearchable = await bench.write('one-searchable', 'indexed', { connections: 1, most: LATENCY });
  const got = await bench.read((index) => bench.get(index));
  const searched = await bench.read((index) => bench.search(index));
  return {
    acceptedPerSecond: accepted.perSecond,
    storedPerSecond: stored.perSecond,
    storedP50: percentile(oneStored.latencies, 0.5),
    storedP99: percentile(oneStored.latencies, 0.99),
    searchableP50: percentile(oneSearchable.latencies, 0.5),
    searchableP99: percentile(oneSearchable.latencies, 0.99),
    getP50: percentile(got.latencies, 0.5),
    searchP50: percentile(searched.latencies, 0.5),
  };
}

/** Writes that wait until they are stored, after a warm-up. */
export async function measureStored(system: System): Promise<LoadResult> {
  const bench = new Bench(system);
  await bench.write('warm', 'stored', { connections: 8, most: { requests: 300, ms: 10_000 } });
  return bench.write('stored', 'stored', { connections: CONNECTIONS, most: THROUGHPUT });
}

class Bench {
  readonly #system: System;
  readonly #api: ApiClient;
  readonly #headers: Record<string, string>;
  /** Of every memory written. */
  readonly #coords: string[] = [];

  constructor(system: System) {
    this.#system = system;
    this.#api = new ApiClient({ ...system, namespace: NAMESPACE });
    this.#headers = {
      Authorization: `Bearer ${system.token}`,
      'Soma-Namespace': NAMESPACE,
      'Content-Type': 'application/json',
    };
  }

  write(
    name: string,
    waitsFor: 'accepted' | 'stored' | 'indexed',
    { connections, most }: { connections: number; most: { requests: number; ms: number } },
  ): Promise<LoadResult> {
    return load({
      url: this.#system.url,
      connections,
      most,
      expected: waitsFor === 'accepted' ? 202 : 201,
      exchange: (index) => {
        const coord = `${name}-${index}`;
        this.#coords.push(coord);
        const path = `/memories?until=${waitsFor}`;
        const headers = { ...this.#headers, Prefer: 'wait=30' };
        return { method: 'POST', path, headers, body: memoryBody(coord, this.#coords.length) };
      },
    });
  }

  settle(): Promise<void> {
    return untilIndexed(this.#api, this.#coords.length);
  }

  /** Up to MEMORIES. */
  async fill(): Promise<void> {
    const from = this.#coords.length;
    await fill(this.#api, { from, to: MEMORIES });
    for (let number = from; number < MEMORIES; number += 1) this.#coords.push(coordOf(number));
  }

  read(exchange: (index: number) => Exchange): Promise<LoadResult> {
    return load({ url: this.#system.url, connections: 1, most: LATENCY, expected: 200, exchange });
  }

  get(index: number): Exchange {
    // A step that shares no divisor with the count visits memories all over.
    const coord = this.#coords[(index * 7_919) % this.#coords.length] ?? '';
    return { method: 'GET', path: `/memories/${coord}`, headers: this.#headers };
  }

  search(index: number): Exchange {
    const body = JSON.stringify({ query: question(index), top_k: 10 });
    return { method: 'POST', path: '/memories/search', headers: this.#headers, body };
  }
}
