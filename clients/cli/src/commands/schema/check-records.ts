import {
  createCodec,
  expectedKey,
  HEADERS,
  isCommand,
  JSON_CONTENT_TYPE,
  partitionOf,
  recordOfWriterSchema,
  TOPIC_OF,
  TOPICS,
  type RecordHeaders,
  type RecordSchema,
  type SchemaIds,
} from '@soma/events';
import { createCommittedIds } from '@soma/events/committed-ids';
import { checkCommand, DEFAULT_LIMITS, SomaError } from '@soma/memory';

/**
 * The only file of soma that knows more than HTTP: it reads records as the workers do, with their own code. The build
 * bundles that into this file, since @soma packages are not published, and copies schemas/ to where it looks for them.
 */

export type { RecordSchema };

/** A record as a producer would send it. */
export interface SentRecord {
  /** File and line, for whoever reads the answer. */
  place: string;
  value: Buffer;
  /** Undefined when only the value is at hand. */
  key: string | undefined;
}

export interface CheckOptions {
  /** The header record-type, for JSON that has no field `type`. */
  recordType: string | undefined;
  partitions: number;
  /** Asks a registry for a schema, undefined when it has none; absent, ids are those of schemas/ids.json. */
  schemaOf: ((id: number) => Promise<RecordSchema | undefined>) | undefined;
}

/** What a record says, as far as it could be read, and what is wrong with it. */
export interface CheckedRecord {
  place: string;
  record: string | null;
  topic: string | null;
  /** The key that it must have, and where that leads. */
  key: string | null;
  partition: number | null;
  problem: { code: string; detail: string } | null;
}

export type CheckRecord = (sent: SentRecord) => Promise<CheckedRecord>;

/** The Confluent wire format begins so, and no JSON text does. */
export const isAvro = (value: Buffer): boolean => value[0] === 0;

export function createRecordCheck({ recordType, partitions, schemaOf }: CheckOptions): CheckRecord {
  const codec = createCodec({ ids: idsOf(schemaOf) });
  const typeHeader: RecordHeaders = recordType === undefined ? {} : { [HEADERS.recordType]: recordType };
  return async ({ place, value, key }) => {
    const blank = { place, record: null, topic: null, key: null, partition: null };
    const headers = isAvro(value) ? {} : { ...typeHeader, [HEADERS.contentType]: JSON_CONTENT_TYPE };
    try {
      // The dead letters' topic takes records of every other.
      const decoded = await codec.decode({ topic: TOPICS.deadLetters, key: key ?? null, value, headers });
      const read = { ...blank, record: decoded.type, topic: TOPIC_OF[decoded.type] };
      if (!isCommand(decoded)) return { ...read, problem: NO_COMMAND };
      const refusal = checkCommand(decoded, DEFAULT_LIMITS);
      if (refusal?.code === 'invalid_coord') return { ...read, problem: refusal };
      const expected = expectedKey(decoded);
      const routed = { ...read, key: expected, partition: partitionOf(expected, partitions) };
      return { ...routed, problem: refusal ?? wrongKey(key, expected) };
    } catch (error) {
      return { ...blank, problem: problemOf(error) };
    }
  };
}

function idsOf(schemaOf: CheckOptions['schemaOf']): SchemaIds {
  const committed = createCommittedIds();
  if (schemaOf === undefined) return committed;
  return {
    ...committed,
    schemaOf: async (id) => {
      const schema = await schemaOf(id);
      if (schema !== undefined) return schema;
      throw new SomaError('unknown_schema', `the schema registry has no schema ${id}`);
    },
  };
}

const NO_COMMAND = {
  code: 'schema_mismatch',
  detail: 'the services alone write such records: produce to memory.commands and graph.commands',
};

function wrongKey(key: string | undefined, expected: string): CheckedRecord['problem'] {
  if (key === undefined || key === expected) return null;
  return {
    code: 'other_key',
    detail: `its key is not ${expected}: the writer would have to send it on, out of the order of its memory`,
  };
}

/** What records written with a schema of one's own would be read as, and whether they could be. */
export function checkSchema(place: string, schema: RecordSchema): CheckedRecord {
  const blank = { place, key: null, partition: null };
  try {
    const record = recordOfWriterSchema(schema);
    return { ...blank, record, topic: TOPIC_OF[record], problem: null };
  } catch (error) {
    return { ...blank, record: null, topic: null, problem: problemOf(error) };
  }
}

/** Their sentences hold places, never content. */
function problemOf(error: unknown): { code: string; detail: string } {
  if (!(error instanceof SomaError)) throw error;
  return { code: error.code, detail: error.message };
}
