import type { Resolver, Type } from 'avsc';
import { SomaError } from '@soma/memory';
import { createSoundnessCheck, type SoundnessCheck } from './avro-soundness.js';
import { compileSchema, type ReaderSchema, type ReaderSchemas } from './reader-schemas.js';
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
  const byFullName = new Map(Object.values(readers).map((reader) => [reader.type.name, reader]));
  return async (id) => {
    const compiled = known.get(id);
    if (compiled !== undefined) return compiled;
    const writer = resolve(id, await ids.schemaOf(id), byFullName);
    const oldest = known.keys().next();
    if (known.size >= MAX_KNOWN && oldest.done !== true) known.delete(oldest.value);
    known.set(id, writer);
    return writer;
  };
}

function resolve(
  id: number,
  schema: RecordSchema,
  readers: Map<string | undefined, ReaderSchema>,
): WriterSchema {
  let type: Type;
  try {
    type = compileSchema(schema);
  } catch (cause) {
    throw new SomaError('schema_mismatch', `schema ${id} is no Avro schema that can be read`, { cause });
  }
  const reader = readers.get(type.name);
  if (reader === undefined) throw new SomaError('schema_mismatch', `schema ${id} is of none of our records`);
  const check = createSoundnessCheck(type);
  if (reader.type.equals(type)) return { reader, check, resolver: undefined };
  try {
    return { reader, check, resolver: reader.type.createResolver(type) };
  } catch (cause) {
    throw new SomaError('schema_mismatch', `schema ${id} cannot be read as ${reader.name}`, { cause });
  }
}
