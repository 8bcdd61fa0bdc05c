import type { Queryable } from '@soma/postgres';
import type { Admin, Kafka } from 'kafkajs';
import type { StartedArena } from '../fault.js';
import type { Asked, History } from '../history/history.js';
import { replay } from '../model/replay.js';
import { digestOf } from '../stable-json.js';
import { isRecord, send } from '../workload/http-client.js';
import { attribute } from './attribution.js';
import type { AnsweredState, Evidence } from './evidence.js';
import { commandsReader, deadLettersReader, kafkaLags, withAdmin } from './kafka.js';
import {
  embeddedLogEnds,
  embeddedPoints,
  logGeneration,
  progressOf,
  projectionLags,
  storedRows,
  withPostgres,
} from './postgres.js';
import { qdrantPoints } from './qdrant.js';
import { cachedStates } from './redis.js';
import { FOLLOWED, type Lag } from './rows.js';

/** Looks into the stores of one arena, past the product. */
export class Collector {
  readonly #arena: StartedArena;
  #generation = 0;
  readonly #commands = commandsReader(() => this.#generation);
  readonly #deadLetters = deadLettersReader();

  constructor(arena: StartedArena) {
    this.#arena = arena;
  }

  /** Which groups are not at the end of what they follow. */
  lags(): Promise<Lag[]> {
    const { postgresUrl, kafkaBrokers } = this.#arena;
    return withPostgres(postgresUrl, async (postgres) => {
      const progress = await progressOf(postgres);
      const lags =
        kafkaBrokers === undefined
          ? await embeddedLags(postgres, progress)
          : await withAdmin(kafkaBrokers, (admin) => kafkaLags(admin, progress));
      return [...lags, ...(await projectionLags(postgres))];
    });
  }

  async collect(history: History, unsettled: readonly Asked[], lags: readonly Lag[]): Promise<Evidence> {
    const { postgresUrl, redisUrl, indexUrl } = this.#arena;
    const { namespaces } = history.keyspace;
    // Asked first, so that the caches are as warm as they get.
    const answered = await this.#answered(history);
    return withPostgres(postgresUrl, async (postgres) => {
      this.#generation = await logGeneration(postgres);
      const poison = await this.#poison();
      const stored = await storedRows(postgres, namespaces);
      const attribution = attribute(history, stored.operations);
      return {
        history,
        stored,
        attribution,
        model: replay(stored.operations, attribution, (coord) => history.keyspace.keyOf(coord)),
        index: await (indexUrl === undefined
          ? embeddedPoints(postgres, namespaces)
          : qdrantPoints(indexUrl, namespaces)),
        cache: redisUrl === undefined ? null : await cachedStates(redisUrl, namespaces),
        answered,
        poison,
        lags,
        unsettled,
      };
    });
  }

  async #poison(): Promise<Evidence['poison']> {
    const brokers = this.#arena.kafkaBrokers;
    if (brokers === undefined) return null;
    await withAdmin(brokers, async (admin: Admin, kafka: Kafka) => {
      await this.#commands.readOn(admin, kafka);
      await this.#deadLetters.readOn(admin, kafka);
    });
    return {
      commands: this.#commands.records,
      dead_letters: this.#deadLetters.records,
      generation: this.#generation,
    };
  }

  async #answered({ keyspace }: History): Promise<AnsweredState[]> {
    const states: AnsweredState[] = [];
    for (const namespace of keyspace.namespaces) {
      const keys = keyspace.all.filter((place) => place.namespace === namespace).map(({ key }) => key);
      const body = JSON.stringify({ coords: keys });
      const answer = await send(this.#arena, { method: 'POST', path: '/memories/get', namespace, body });
      const memories = isRecord(answer?.body) ? answer.body['memories'] : undefined;
      if (!Array.isArray(memories))
        throw new Error(`memories could not be read: ${answer?.status ?? 'no answer'}`);
      keys.forEach((key, index) => {
        const memory = memories[index];
        const there = isRecord(memory);
        states.push({
          namespace,
          key,
          version: there ? Number(memory['version']) : null,
          digest: there ? digestOf(memory['payload'] ?? null) : null,
        });
      });
    }
    return states;
  }
}

async function embeddedLags(postgres: Queryable, progress: ReadonlyMap<string, number>): Promise<Lag[]> {
  const ends = await embeddedLogEnds(postgres);
  return FOLLOWED.flatMap(({ group, topic }) =>
    ends
      .filter((one) => one.topic === topic)
      .map(({ partition, end }) => {
        const done = (progress.get(`${group} ${topic} ${partition}`) ?? -1) + 1;
        return { group, topic, partition, behind: end - done };
      }),
  ).filter(({ behind }) => behind > 0);
}
