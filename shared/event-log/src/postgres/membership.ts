import { setTimeout as delay } from 'node:timers/promises';
import type { Topic } from '@soma/events';
import { backoffMs } from '@soma/service';
import pg from 'pg';
import type { Logger } from '../log-options.js';
import type { TopicPartition } from '../port.js';
import { assignmentOf, type Member } from './assignment.js';
import { LOG_CHANNEL } from './config.js';

export interface MembershipOptions {
  url: string;
  logger: Logger;
  group: string;
  memberId: string;
  topics: Topic[];
  memberTimeoutMs: number;
  partitions: (topic: Topic) => number;
  /** The partition is this member's; nobody else holds it. */
  gained: (of: TopicPartition) => void;
  /** The partition has to go; it stays this member's until the promise resolves, unless the connection is gone. */
  lost: (of: TopicPartition) => Promise<void>;
  /** A process, named by `origin`, appended records. */
  appended: (origin: string) => void;
  alive: () => void;
}

/** Members show that they live, and look who else does, this often. */
const TICK_MS = 1_000;
/** Prefix of notifications that a member came or went, or let a partition go. */
const GROUP_CHANGED = 'group:';

const LOCK_NAME = `hashtextextended(format('%s/%s/%s', $1::text, topic, partition), 40024)`;

// Answers who lives, this member among them, and forgets those who are long gone.
const BEAT = `
  with gone as (
    delete from log_members where group_name = $1 and heartbeat_at < now() - 10 * $4 * interval '1 millisecond'
  ), beat as (
    insert into log_members (group_name, member_id, topics, heartbeat_at) values ($1, $2, $3, now())
    on conflict (group_name, member_id) do update set heartbeat_at = now()
    returning member_id, topics
  )
  select member_id, topics from beat
  union all
  select member_id, topics from log_members
  where group_name = $1 and member_id <> $2 and heartbeat_at > now() - $4 * interval '1 millisecond'`;

const TRY_TO_HOLD = `
  select topic, partition, pg_try_advisory_lock(${LOCK_NAME}) as held
  from unnest($2::text[], $3::integer[]) as wanted (topic, partition)`;

const LET_GO = `
  select pg_advisory_unlock(${LOCK_NAME}), pg_notify('${LOG_CHANNEL}', $4)
  from (select $2::text as topic, $3::integer as partition) as held`;

const LEAVE = `
  with gone as (delete from log_members where group_name = $1 and member_id = $2)
  select pg_advisory_unlock_all(), pg_notify('${LOG_CHANNEL}', $3)`;

/**
 * One member of a consumer group. Live members compute the same assignment; a session advisory lock on this
 * member's own connection makes a partition its own, so that two members never hold one, and so that Postgres frees
 * the partitions of a process that dies.
 */
export class Membership {
  readonly #options: MembershipOptions;
  readonly #held = new Map<string, TopicPartition>();
  readonly #releasing = new Set<string>();
  #client: pg.Client | undefined;
  #running: Promise<void> = Promise.resolve();
  #wake = new AbortController();
  #stopped = false;

  constructor(options: MembershipOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running = this.#run();
  }

  /** Leaves the group and gives up whatever is held. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#wake.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    for (let failures = 0; !this.#stopped; failures += 1) {
      this.#options.alive();
      try {
        await this.#connect();
        failures = 0;
        await this.#belong();
      } catch (error) {
        const { group, logger } = this.#options;
        logger.warn({ group, err: error }, 'a member of a consumer group lost its connection to Postgres');
      }
      await this.#disconnect();
      this.#wake = new AbortController();
      await this.#sleep(backoffMs(failures, { minMs: 100, maxMs: 5_000 }));
    }
  }

  async #connect(): Promise<void> {
    const { url, group, appended } = this.#options;
    const client = new pg.Client({
      connectionString: url,
      application_name: `soma event log ${group}`,
      connectionTimeoutMillis: 5_000,
      query_timeout: 5_000,
      keepAlive: true,
    });
    const lost = (): void => {
      if (this.#client === client) this.#client = undefined;
      this.#wake.abort();
    };
    client.on('error', lost);
    client.on('end', lost);
    client.on('notification', ({ payload = '' }) => {
      if (payload === `${GROUP_CHANGED}${group}`) this.#wake.abort();
      else if (!payload.startsWith(GROUP_CHANGED)) appended(payload);
    });
    await client.connect();
    this.#client = client;
    await client.query(`listen ${LOG_CHANNEL}`);
    await this.#notifyGroup(client);
  }

  /** Holds what this member has to hold, until it stops or its connection breaks. */
  async #belong(): Promise<void> {
    const client = this.#client;
    while (client !== undefined && this.#client === client && !this.#stopped) {
      this.#options.alive();
      this.#wake = new AbortController();
      await this.#holdAssignment(client);
      await this.#sleep(TICK_MS);
    }
    if (client !== undefined && this.#client !== client) throw new Error('connection lost');
  }

  async #holdAssignment(client: pg.Client): Promise<void> {
    const { group, memberId, topics, memberTimeoutMs, partitions, gained } = this.#options;
    const members = await client.query<Member>(BEAT, [group, memberId, topics, memberTimeoutMs]);
    const mine = assignmentOf(memberId, members.rows, partitions);
    const names = new Set(mine.map(nameOf));
    for (const [name, of] of this.#held) if (!names.has(name)) void this.#release(client, name, of);
    const wanted = mine.filter((of) => !this.#held.has(nameOf(of)) && !this.#releasing.has(nameOf(of)));
    if (wanted.length === 0) return;
    const tried = await client.query<TopicPartition & { held: boolean }>(TRY_TO_HOLD, [
      group,
      wanted.map(({ topic }) => topic),
      wanted.map(({ partition }) => partition),
    ]);
    for (const { topic, partition, held } of tried.rows) {
      if (!held) continue;
      this.#held.set(nameOf({ topic, partition }), { topic, partition });
      gained({ topic, partition });
    }
  }

  async #release(client: pg.Client, name: string, of: TopicPartition): Promise<void> {
    const { group, lost, logger } = this.#options;
    this.#held.delete(name);
    this.#releasing.add(name);
    try {
      await lost(of);
      await client.query(LET_GO, [group, of.topic, of.partition, `${GROUP_CHANGED}${group}`]);
    } catch (error) {
      // The lock ends with the connection; on a new one it is to be had again.
      logger.debug({ group, ...of, err: error }, 'a partition was not let go by hand');
    } finally {
      this.#releasing.delete(name);
    }
  }

  async #disconnect(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    const { group, memberId, lost } = this.#options;
    for (const of of this.#held.values()) void lost(of);
    this.#held.clear();
    if (client === undefined) return;
    try {
      if (this.#stopped) await client.query(LEAVE, [group, memberId, `${GROUP_CHANGED}${group}`]);
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  async #notifyGroup(client: pg.Client): Promise<void> {
    const { group, memberId, topics, memberTimeoutMs } = this.#options;
    await client.query(BEAT, [group, memberId, topics, memberTimeoutMs]);
    await client.query('select pg_notify($1, $2)', [LOG_CHANNEL, `${GROUP_CHANGED}${group}`]);
  }

  async #sleep(ms: number): Promise<void> {
    if (!this.#stopped) await delay(ms, undefined, { signal: this.#wake.signal }).catch(() => undefined);
  }
}

function nameOf({ topic, partition }: TopicPartition): string {
  return `${topic}/${partition}`;
}
