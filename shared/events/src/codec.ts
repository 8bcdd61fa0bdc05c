import { SomaError, type Command } from '@soma/memory';
import type { MemoryEvent } from './event.js';
import { parseExactJsonObject } from './exact-json.js';
import { HEADERS, isJson, type RecordHeaders } from './headers.js';
import { readAsAvro } from './json-record.js';
import { compileReaderSchemas, type ReaderSchema, type ReaderSchemas } from './reader-schemas.js';
import { fromAvroForm, toAvroForm } from './record-forms.js';
import {
  belongsTo,
  isRecordName,
  subjectOf,
  TOPIC_OF,
  type CodecValue,
  type RecordName,
} from './record-names.js';
import { expectedKey } from './route.js';
import type { SchemaIds } from './schema-ids.js';
import { MAX_RECORD_BYTES, recordKey, type Topic } from './topics.js';
import { frame, unframe } from './wire-format.js';
import { createWriterSchemas } from './writer-schemas.js';

/** A record to append, as the event log takes it. */
export interface EncodedRecord {
  topic: Topic;
  key: string | null;
  /** Only of Progress: it goes to the partition it tells of. */
  partition?: number;
  value: Buffer;
  headers: RecordHeaders;
}

/** The part of a record of the log that says what it means. */
export interface RecordToDecode {
  topic: Topic;
  key: string | null;
  value: Buffer | null;
  headers: RecordHeaders;
}

/**
 * Between commands and events and the bytes on the topics. Both directions throw schema_registry_unavailable
 * (retryable) when a schema has to be asked for and nobody answers.
 */
export interface Codec {
  /** The command has passed checkCommand. */
  encodeCommand(command: Command): Promise<EncodedRecord>;
  encodeEvent(event: MemoryEvent): Promise<EncodedRecord>;
  /** @throws undecodable_record, unknown_schema, schema_mismatch, record_too_large: for this record, for good. */
  decode(record: RecordToDecode): Promise<CodecValue>;
}

export function createCodec({ ids }: { ids: SchemaIds }): Codec {
  const readers = compileReaderSchemas();
  const writerOf = createWriterSchemas(ids, readers);
  const encodeValue = createValueEncoder(ids, readers);
  return {
    encodeCommand: async (command) => ({
      topic: TOPIC_OF[command.type],
      key: expectedKey(command),
      value: await encodeValue(command),
      headers: {
        ...typeHeader(command.type),
        [HEADERS.commandId]: command.command_id,
        [HEADERS.issuer]: command.issuer,
      },
    }),
    encodeEvent: async (event) => ({
      topic: TOPIC_OF[event.type],
      ...placeOf(event),
      value: await encodeValue(event),
      headers: typeHeader(event.type),
    }),
    decode: async (record) => {
      const value = requireValue(record);
      if (isJson(record.headers)) return decodeJson(record, value, readers);
      const { schemaId, avro } = unframe(value);
      const { reader, check, resolver } = await writerOf(schemaId);
      requireTopic(record.topic, reader.name);
      const fault = check(avro);
      if (fault !== undefined)
        throw new SomaError('undecodable_record', `not a sound ${reader.name}: ${fault}`);
      return fromAvroForm(
        reader.name,
        readAvro(reader, () => reader.type.fromBuffer(avro, resolver)),
      );
    },
  };
}

function createValueEncoder(ids: SchemaIds, readers: ReaderSchemas): (value: CodecValue) => Promise<Buffer> {
  const known = new Map<RecordName, number>();
  return async (value) => {
    const { type: name } = value;
    let id = known.get(name);
    if (id === undefined) {
      id = await ids.idOf(subjectOf(name), readers[name].schema);
      known.set(name, id);
    }
    return frame(id, toAvroBytes(readers[name], toAvroForm(value)));
  };
}

function toAvroBytes({ name, type }: ReaderSchema, form: object): Buffer {
  try {
    return type.toBuffer(form);
  } catch {
    // avsc's own message holds the value.
    const places: string[] = [];
    type.isValid(form, { errorHook: (path) => places.push(path.join('.')) });
    throw new SomaError('schema_mismatch', `${name} does not fit its schema at ${places.join(', ')}`);
  }
}

function readAvro({ name }: ReaderSchema, read: () => unknown): unknown {
  try {
    return read();
  } catch {
    // What is left after the soundness check: a number beyond 2^53. avsc's own message may hold the value.
    throw new SomaError('undecodable_record', `a ${name} holds a number that cannot be kept`);
  }
}

function typeHeader(name: RecordName): RecordHeaders {
  return { [HEADERS.recordType]: name };
}

function placeOf(event: MemoryEvent): { key: string } | { key: null; partition: number } {
  switch (event.type) {
    case 'MemoryStored':
      return { key: recordKey(event.memory.namespace, event.memory.key) };
    case 'MemoryDeleted':
      return { key: recordKey(event.namespace, event.key) };
    case 'Progress':
      return { key: null, partition: event.partition };
  }
}

function requireValue({ value }: RecordToDecode): Buffer {
  if (value === null) throw new SomaError('undecodable_record', 'the record has no value');
  if (value.length > MAX_RECORD_BYTES) {
    throw new SomaError('record_too_large', `the value is larger than ${MAX_RECORD_BYTES} bytes`);
  }
  return value;
}

function requireTopic(topic: Topic, name: RecordName): void {
  if (!belongsTo(topic, name)) throw new SomaError('schema_mismatch', `${name} does not belong in ${topic}`);
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

function decodeJson(record: RecordToDecode, bytes: Buffer, readers: ReaderSchemas): CodecValue {
  const parsed = parseExactJsonObject(decodeUtf8(bytes));
  if ('problem' in parsed)
    throw new SomaError('undecodable_record', `the JSON cannot be read as it is: ${parsed.problem}`);
  const { type, ...fields } = parsed.value;
  const named = [record.headers[HEADERS.recordType], type].filter((name) => name !== undefined);
  const [name] = named;
  if (typeof name !== 'string' || !isRecordName(name)) {
    throw new SomaError('unknown_schema', 'neither the header record-type nor the field type names a record');
  }
  if (named.some((other) => other !== name)) {
    throw new SomaError(
      'schema_mismatch',
      'the header record-type and the field type name different records',
    );
  }
  requireTopic(record.topic, name);
  return fromAvroForm(name, readAsAvro(readers[name].type, fields, name));
}

function decodeUtf8(bytes: Buffer): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new SomaError('undecodable_record', 'the JSON is not UTF-8');
  }
}
