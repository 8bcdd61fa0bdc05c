import type { JsonObject } from '@soma/memory';
import type { Random } from '../random.js';
import type { Keyspace } from './keyspace.js';

/** Conditions as they were sent. */
export interface AskedConditions {
  if_exists: boolean;
  if_absent: boolean;
  if_match: readonly { version: number; revision: number | null }[] | null;
}

export const UNCONDITIONAL: AskedConditions = { if_exists: false, if_absent: false, if_match: null };

/** What a command's sender was told last. */
export type Told =
  /** Nothing that says whether it was carried out. */
  | { outcome: 'unknown' }
  /** 202, or produced with acks from all: it has to be carried out or end refused. */
  | { outcome: 'promised' }
  | { outcome: 'done'; version: number | null; revision: number | null; deleted: boolean | null }
  /** Decided against by the rules of memories: a condition, nothing to patch. */
  | { outcome: 'rejected'; code: string }
  /** Never taken. */
  | { outcome: 'refused'; code: string };

/** One command of a call or of another producer, however often it was sent. Times are of performance.now(). */
export interface Asked {
  /** Unique in a run; payloads carry it, so that every state leads to the command that made it. */
  n: number;
  source: 'http' | 'kafka';
  type: 'put' | 'patch' | 'delete' | 'link' | 'unlink';
  namespace: string;
  /** Of links, where they lead from. */
  key: string;
  coord: string;
  to_key?: string;
  link_type?: string;
  /** Body of a put or patch as sent; weight and properties of a link. */
  content: JsonObject;
  conditions: AskedConditions;
  idempotency_key: string | null;
  request_hash: string | null;
  /** As far as it was told, or chosen. */
  command_id: string | null;
  started: number;
  /** When `told` became what it is; null while unknown. */
  ended: number | null;
  told: Told;
}

/** A state of a memory as an answer showed it. */
export interface Seen {
  /** As the answer says, not as the caller asked. */
  namespace: string;
  key: string;
  version: number;
  /** Null where the answer has none. */
  revision: number | null;
  /** The command that the payload names; null when it names none. */
  marker: number | null;
  marker_namespace: string | null;
  digest: string;
}

export interface Read {
  n: number;
  kind: 'get' | 'get-many' | 'search' | 'neighbors';
  namespace: string;
  started: number;
  ended: number;
  /** Commands that the token of the request covers; empty without one. */
  covered: readonly Asked[];
  seen: readonly Seen[];
  /** Keys that were asked for and answered as absent. */
  absent: readonly string[];
  /** Of a search for the one word of one command. */
  sought?: Asked;
}

/** A record that cannot be carried out, made on purpose. */
export interface Poison {
  id: string;
  kind: string;
  topic: string;
  /** SHA-256 hex of the record's value. */
  value_hash: string;
  command_id: string | null;
  /** Was it acknowledged by Kafka? Null: not known. */
  produced: boolean | null;
  codes: readonly string[];
}

/** Everything that was asked and answered in one round. */
export class History {
  readonly commands: Asked[] = [];
  readonly reads: Read[] = [];
  /** Of this round and those before it in the same arena: dead letters stay. */
  readonly poisons: Poison[];
  /** Answers by kind of call and status or code, for the report. */
  readonly answers = new Map<string, number>();
  readonly keyspace: Keyspace;
  #acknowledged = 0;

  constructor(keyspace: Keyspace, poisons: Poison[] = []) {
    this.keyspace = keyspace;
    this.poisons = poisons;
  }

  /** Commands that were acknowledged: done, or promised. */
  get acknowledged(): number {
    return this.#acknowledged;
  }

  tell(asked: Asked, told: Told, at: number): void {
    if (isAcknowledged(told) && !isAcknowledged(asked.told)) this.#acknowledged += 1;
    asked.told = told;
    asked.ended = told.outcome === 'unknown' ? null : at;
  }

  count(what: string): void {
    this.answers.set(what, (this.answers.get(what) ?? 0) + 1);
  }
}

export function isAcknowledged({ outcome }: Told): boolean {
  return outcome === 'done' || outcome === 'promised';
}

/** What all commands of a run are numbered by. */
export class Numbers {
  #last = 0;

  next(): number {
    this.#last += 1;
    return this.#last;
  }
}

/** A UUID of version 4 that the seed repeats. */
export function seededUuid(random: Random): string {
  const hex = Array.from({ length: 32 }, () => random.whole(0, 15).toString(16));
  hex[12] = '4';
  hex[16] = (8 + random.whole(0, 3)).toString(16);
  const text = hex.join('');
  return [text.slice(0, 8), text.slice(8, 12), text.slice(12, 16), text.slice(16, 20), text.slice(20)].join(
    '-',
  );
}
