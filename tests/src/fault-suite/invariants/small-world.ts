import type { JsonObject } from '@soma/memory';
import { attribute } from '../evidence/attribution.js';
import type { Evidence } from '../evidence/evidence.js';
import type {
  Lag,
  OperationRow,
  PoisonRecord,
  ProjectedRow,
  StoredRows,
  VersionRow,
} from '../evidence/rows.js';
import { History, UNCONDITIONAL, type Asked, type Read, type Seen } from '../history/history.js';
import { Keyspace } from '../history/keyspace.js';
import { replay } from '../model/replay.js';
import { digestOf } from '../stable-json.js';
import { textIn } from '../workload/http-client.js';
import { INVARIANTS } from './index.js';

export const NAMESPACE = 'w1-a';

const GENERATION = 1;
const STARTED_AT = 1_700_000_000_000;

/** A made-up round in which all is well, for tests to spoil. Command n begins at 10 n and is answered at 10 n + 5. */
export class SmallWorld {
  readonly history = new History(new Keyspace(1, 5));
  readonly stored: StoredRows = { operations: [], versions: [], memories: [], links: [], dead_letters: [] };
  readonly points: ProjectedRow[] = [];
  readonly cache: ProjectedRow[] = [];
  readonly poisonInTopic: PoisonRecord[] = [];
  readonly poisonInDlq: PoisonRecord[] = [];
  readonly unsettled: Asked[] = [];
  readonly lags: Lag[] = [];
  #position = 0;

  put(n: number, key: string): Asked {
    const payload = { marker: n, marker_namespace: NAMESPACE, text: `cmd${n}x of a test` };
    const asked = this.#asked(n, 'put', key, { payload });
    this.#carryOut(asked, payload);
    return asked;
  }

  remove(n: number, key: string): Asked {
    const asked = this.#asked(n, 'delete', key, {});
    this.#carryOut(asked, null);
    return asked;
  }

  link(n: number, from: string, to: string): Asked {
    const content = { weight: 1, properties: { marker: n } };
    const asked: Asked = { ...this.#asked(n, 'link', from, content), to_key: to, link_type: 'related' };
    this.history.commands.splice(-1, 1, asked);
    const row = this.#operation(asked, { topic: 'graph.commands', version: 1 });
    this.history.tell(
      asked,
      { outcome: 'done', version: 1, revision: null, deleted: null },
      asked.started + 5,
    );
    const seen = (key: string) => this.stored.memories.find((memory) => memory.key === key)?.revision ?? 0;
    this.stored.links.push({
      namespace: NAMESPACE,
      from_key: from,
      link_type: 'related',
      to_key: to,
      ...{ weight: 1, properties: { marker: n } },
      revision: row.revision ?? 0,
      from_revision: seen(from),
      to_revision: seen(to),
    });
    return asked;
  }

  /** A GET that began at `started` and saw a version as it is in history. */
  read(key: string, version: number, options: Partial<Read> = {}): Read {
    const row = this.version(key, version);
    const payload = row.state['payload'] ?? {};
    const seen: Seen = {
      namespace: NAMESPACE,
      key,
      version,
      revision: row.revision,
      marker: Number((payload as JsonObject)['marker']),
      marker_namespace: NAMESPACE,
      digest: digestOf(payload),
    };
    return this.readOf({ seen: [seen], ...options });
  }

  readOf(options: Partial<Read>): Read {
    const read: Read = {
      n: 900 + this.history.reads.length,
      kind: 'get',
      namespace: NAMESPACE,
      started: 1000,
      ended: 1001,
      covered: [],
      seen: [],
      absent: [],
      ...options,
    };
    this.history.reads.push(read);
    return read;
  }

  /** A poison that was refused as it should be. */
  poison(id: string): void {
    const place = `memory.commands/${GENERATION}/0/${this.#position}`;
    const bytes = { poison: id, value_hash: `hash of ${id}` };
    this.history.poisons.push({
      id,
      kind: 'bad coord',
      topic: 'memory.commands',
      value_hash: bytes.value_hash,
      command_id: id,
      produced: true,
      codes: ['invalid_coord'],
    });
    this.stored.dead_letters.push({
      group_name: 'writer',
      topic: 'memory.commands',
      generation: GENERATION,
      partition: 0,
      position: this.#position,
      code: 'invalid_coord',
      ...bytes,
    });
    this.poisonInTopic.push({ ...bytes, place: `at ${place}` });
    this.poisonInDlq.push({ ...bytes, place });
    this.#position += 1;
  }

  version(key: string, version: number): VersionRow {
    return found(this.stored.versions.find((row) => row.key === key && row.version === version));
  }

  operation(asked: Asked): OperationRow {
    return found(this.stored.operations.find(({ command_id: id }) => id === asked.command_id));
  }

  /** The names of the invariants that do not hold. */
  broken(): string[] {
    return this.brokenIn(this.evidence());
  }

  brokenIn(evidence: Evidence): string[] {
    return INVARIANTS.filter((invariant) => invariant.check(evidence).length > 0).map(({ name }) => name);
  }

  sentences(): string[] {
    const evidence = this.evidence();
    return INVARIANTS.flatMap((invariant) => invariant.check(evidence));
  }

  evidence(): Evidence {
    const attribution = attribute(this.history, this.stored.operations);
    return {
      history: this.history,
      stored: this.stored,
      attribution,
      model: replay(this.stored.operations, attribution, (coord) => coord),
      index: new Map([['memories', this.points]]),
      cache: this.cache,
      answered: this.points.map(({ namespace, key, version, digest }) => ({
        namespace,
        key,
        version,
        digest,
      })),
      poison: { commands: this.poisonInTopic, dead_letters: this.poisonInDlq, generation: GENERATION },
      lags: this.lags,
      unsettled: this.unsettled,
    };
  }

  #asked(n: number, type: Asked['type'], key: string, content: JsonObject): Asked {
    const asked: Asked = {
      n,
      source: 'http',
      type,
      namespace: NAMESPACE,
      key,
      coord: key,
      content,
      conditions: UNCONDITIONAL,
      idempotency_key: null,
      request_hash: `hash ${n}`,
      command_id: `id-${n}`,
      started: 10 * n,
      ended: null,
      told: { outcome: 'unknown' },
    };
    this.history.commands.push(asked);
    return asked;
  }

  #operation(asked: Asked, outcome: { topic: string; version: number }): OperationRow {
    const position = this.#position;
    this.#position += 1;
    const row: OperationRow = {
      command_id: asked.command_id ?? '',
      recorded_at: STARTED_AT + position,
      namespace: asked.namespace,
      partition: 0,
      position,
      generation: GENERATION,
      coord: asked.coord,
      status: 'stored',
      deleted: asked.type === 'delete' ? true : null,
      created: asked.type === 'put' && this.#isAbsent(asked.key),
      revision: GENERATION * 2 ** 40 + position,
      error_code: null,
      request_hash: asked.request_hash,
      issuer: 'api-token',
      ...outcome,
    };
    this.stored.operations.push(row);
    return row;
  }

  #isAbsent(key: string): boolean {
    return this.stored.memories.find((row) => row.key === key)?.deleted ?? true;
  }

  #carryOut(asked: Asked, payload: JsonObject | null): void {
    const { key, n } = asked;
    const version = (this.stored.memories.find((row) => row.key === key)?.version ?? 0) + 1;
    const row = this.#operation(asked, { topic: 'memory.commands', version });
    const revision = row.revision ?? 0;
    const deleted = payload === null;
    const told = { outcome: 'done', version, revision, deleted: deleted ? true : null } as const;
    this.history.tell(asked, told, 10 * n + 5);
    const memory = {
      namespace: NAMESPACE,
      key,
      coord: key,
      deleted,
      payload,
      text: deleted ? null : textIn(payload['text']),
      memory_type: deleted ? null : 'episodic',
      user_id: null,
      tags: deleted ? null : [],
      importance: deleted ? null : 0.5,
      version,
      revision,
      expires_at: null,
    };
    const state = { ...memory } as JsonObject;
    this.stored.versions.push({
      ...{ namespace: NAMESPACE, key, version, revision },
      operation_id: row.command_id,
      at: row.recorded_at,
      state,
    });
    replaced(this.stored.memories, memory);
    const projected = { namespace: NAMESPACE, key, revision, deleted, version: deleted ? null : version };
    const digest = payload === null ? null : digestOf(payload);
    replaced(this.points, { ...projected, digest });
    replaced(this.cache, { ...projected, version, digest });
  }
}

function replaced<T extends { key: string }>(rows: T[], row: T): void {
  const place = rows.findIndex(({ key }) => key === row.key);
  if (place < 0) rows.push(row);
  else rows[place] = row;
}

/** What a test relies on. */
export function found<T>(row: T | undefined): T {
  if (row === undefined) throw new RangeError('the small world has no such row');
  return row;
}
