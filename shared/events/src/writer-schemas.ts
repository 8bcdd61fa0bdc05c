import type { Resolver, Type } from 'avsc';
import { SomaError } from '@soma/memory';
import { createSoundnessCheck, type SoundnessCheck } from './avro-soundness.js';
import {
  compileReaderSchemas,
  compileSchema,
  type ReaderSchema,
  type ReaderSchemas,
} from './reader-schemas.js';
import type { RecordName } from './record-names.js';
import type { RecordSchema, SchemaIds } from './schema-ids.js';

/** What a schema id on the wire means to us: how to check the bytes, and as which of our records to read them. */
export interface WriterSchema {
  reader: ReaderSchema;
  check: SoundnessCheck;
  /** Absent when the writer's schema is ours. */
  resolver: Resolver | undefined;
}

/** Far more than the versions that will ever be; the oldest goes when somebody registers more. */
const MAX_KNOWN = 1000;

/** Compiles each writer's schema once. */
export function createWriterSchemas(
  ids: SchemaIds,
  readers: ReaderSchemas,
): (id: number) => Promise<WriterSchema> {
  const known = new Map<number, WriterSchema>();
  const byFullName = namesOf(readers);
  return async (id) => {
    const compiled = known.get(id);
    if (compiled !== undefined) return compiled;
    const writer = resolve(`schema ${id}`, await ids.schemaOf(id), byFullName);
    const oldest = known.keys().next();
    if (known.size >= MAX_KNOWN && oldest.done !== true) known.delete(oldest.value);
    known.set(id, writer);
    return writer;
  };
}

/**
 * As which of our records what is written with this schema would be read.
 * @throws schema_mismatch when it could not be read
 */
export function recordOfWriterSchema(schema: RecordSchema): RecordName {
  return resolve('the schema', schema, namesOf(compileReaderSchemas())).reader.name;
}

type FullNames = ReadonlyMap<string | undefined, ReaderSchema>;

function namesOf(readers: ReaderSchemas): FullNames {
  return new Map(Object.values(readers).map((reader) => [reader.type.name, reader]));
}

function resolve(what: string, schema: RecordSchema, readers: FullNames): WriterSchema {
  let type: Type;
  try {
    type = compileSchema(schema);
  } catch (cause) {
    throw new SomaError('schema_mismatch', `${what} is no Avro schema that can be read`, { cause });
  }
  const reader = readers.get(type.name);
  if (reader === undefined) throw new SomaError('schema_mismatch', `${what} is of none of our records`);
  const check = createSoundnessCheck(type);
  if (reader.type.equals(type)) return { reader, check, resolver: undefined };
  try {
    return { reader, check, resolver: reader.type.createResolver(type) };
  } catch (cause) {
    throw new SomaError('schema_mismatch', `${what} cannot be read as ${reader.name}`, { cause });
  }
}
