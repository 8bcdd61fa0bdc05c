import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Burst, RunningWorkload } from '../fault.js';
import type { History, Numbers } from '../history/history.js';
import type { Place } from '../history/keyspace.js';
import type { Random } from '../random.js';
import { until } from '../../system/index.js';
import { Client } from './client.js';
import type { HttpTarget } from './http-client.js';
import { RawProducer, type RawTarget } from './raw-producer.js';
import type { Unsettled } from './writes.js';

export interface WorkloadOptions {
  target: HttpTarget;
  /** Present where other systems can produce. */
  raw?: RawTarget;
  history: History;
  numbers: Numbers;
  random: Random;
  /** Calls a second, of all clients together. */
  rate: number;
  expiry: boolean;
}

const CLIENTS = 12;
/** Of all calls, those of the other system. */
const RAW_SHARE = 0.12;
const STOP_TIMEOUT_MS = 60_000;

/** Many clients over few memories, as seeded; what answers there are decides how it goes on. */
export class Workload implements RunningWorkload {
  readonly #options: WorkloadOptions;
  readonly #stopping = new AbortController();
  readonly #clients: readonly Client[];
  /** What faults ask for themselves, whether the others pause or not. */
  readonly #faults: Client;
  #raw: RawProducer | undefined;
  #loops: Promise<void>[] = [];
  #underWay = 0;
  #paused = false;

  constructor(options: WorkloadOptions) {
    this.#options = options;
    const { target, history, numbers, random, expiry } = options;
    const signal = this.#stopping.signal;
    // Every client's pause listens.
    setMaxListeners(0, signal);
    const clientOf = (name: string) =>
      new Client({ target, history, numbers, random: random.fork(name), expiry, signal });
    this.#clients = Array.from({ length: CLIENTS }, (_, index) => clientOf(`client ${index}`));
    this.#faults = clientOf('faults');
  }

  async start(): Promise<void> {
    const { raw, rate, random, history, numbers, expiry } = this.#options;
    const httpRate = raw === undefined ? rate : rate * (1 - RAW_SHARE);
    this.#loops = this.#clients.map((client, index) =>
      this.#loop(() => client.act(), CLIENTS / httpRate, random.fork(`pace ${index}`)),
    );
    if (raw === undefined) return;
    const deps = { target: raw, history, numbers, random: random.fork('raw'), expiry };
    const producer = await RawProducer.connect(deps);
    this.#raw = producer;
    this.#loops.push(this.#loop(() => producer.act(), 1 / (rate * RAW_SHARE), random.fork('raw pace')));
  }

  /** Every call answered or given up; what is still owed an answer. */
  async stop(): Promise<Unsettled[]> {
    this.#stopping.abort();
    await Promise.all(this.#loops);
    await this.#raw?.close();
    return [...this.#clients, this.#faults].flatMap(({ unsettled }) => unsettled);
  }

  acknowledged(): number {
    return this.#options.history.acknowledged;
  }

  async acknowledgedMore(count: number, timeoutMs: number): Promise<boolean> {
    const wanted = this.acknowledged() + count;
    return until('acknowledged commands', timeoutMs, () => this.acknowledged() >= wanted).catch(() => false);
  }

  async burst(kind: Burst, count: number): Promise<void> {
    const one: Record<Burst, () => Promise<void> | undefined> = {
      'largest-payloads': () => this.#faults.putLargest(),
      'other-partitioner': () => this.#raw?.command(true),
      poison: () => this.#raw?.poison(),
      'sent-again': () => this.#raw?.again(),
    };
    for (let sent = 0; sent < count && !this.#stopping.signal.aborted; sent += 1) {
      await this.#counted(async () => one[kind]());
    }
  }

  get still(): readonly Place[] {
    return this.#options.history.keyspace.still;
  }

  async put(places: readonly Place[]): Promise<void> {
    await Promise.all(places.map((place) => this.#faults.ensure('put', place)));
  }

  async remove(places: readonly Place[]): Promise<void> {
    await Promise.all(places.map((place) => this.#faults.ensure('delete', place)));
  }

  async read(places: readonly Place[]): Promise<void> {
    await this.#faults.readAll(places);
  }

  async pause(): Promise<void> {
    this.#paused = true;
    await until('the calls under way to be answered', STOP_TIMEOUT_MS, () => this.#underWay === 0);
  }

  resume(): void {
    this.#paused = false;
  }

  /** @param period seconds between the beginnings of two calls, on average */
  async #loop(act: () => Promise<void>, period: number, random: Random): Promise<void> {
    const { signal } = this.#stopping;
    const pause = (ms: number) => sleep(ms, undefined, { signal }).catch(() => undefined);
    await pause(random.next() * period * 1000);
    while (!signal.aborted) {
      const began = performance.now();
      if (!this.#paused) await this.#counted(act);
      const left = period * 1000 * (0.5 + random.next()) - (performance.now() - began);
      await pause(Math.max(1, left));
    }
  }

  async #counted(work: () => Promise<void>): Promise<void> {
    this.#underWay += 1;
    try {
      await work();
    } finally {
      this.#underWay -= 1;
    }
  }
}
