import { SomaError } from '@soma/memory';
import type {
  Conditions,
  DeleteMemory,
  JsonObject,
  LinkMemories,
  Memory,
  PatchMemory,
  StoreMemory,
  UnlinkMemories,
} from '@soma/memory';
import type { MemoryDeleted, MemoryStored, Progress } from './event.js';
import { parseExactJsonObject } from './exact-json.js';
import type { CodecValue, RecordName } from './record-names.js';

/** JSON text as Avro holds it; a record that came as JSON may have the object itself. */
type JsonField = string | JsonObject;

/** What a record looks like in Avro: no `type`, conditions beside the other fields, JSON as text. */
type Flat<T, Json extends string = never> = Omit<T, 'type' | 'conditions' | Json> &
  Record<Json, JsonField> &
  (T extends { conditions: Conditions } ? Conditions : unknown);

interface AvroForms {
  StoreMemory: Flat<StoreMemory, 'payload'>;
  PatchMemory: Flat<PatchMemory, 'patch'>;
  DeleteMemory: Flat<DeleteMemory>;
  LinkMemories: Flat<LinkMemories, 'properties'>;
  UnlinkMemories: Flat<UnlinkMemories>;
  MemoryStored: {
    command_id: string | null;
    memory: Omit<Memory, 'deleted' | 'payload'> & { payload: JsonField };
  };
  MemoryDeleted: Flat<MemoryDeleted>;
  Progress: Flat<Progress>;
}

/** What avsc writes; it takes the fields it knows and leaves the others. */
export function toAvroForm(value: CodecValue): object {
  switch (value.type) {
    case 'StoreMemory':
      return withConditions({ ...value, payload: JSON.stringify(value.payload) });
    case 'PatchMemory':
      return withConditions({ ...value, patch: JSON.stringify(value.patch) });
    case 'DeleteMemory':
      return withConditions({ ...value });
    case 'LinkMemories':
      return { ...value, properties: JSON.stringify(value.properties) };
    case 'MemoryStored':
      return { ...value, memory: { ...value.memory, payload: JSON.stringify(value.memory.payload) } };
    case 'UnlinkMemories':
    case 'MemoryDeleted':
    case 'Progress':
      return value;
  }
}

/** Sets them on the copy that it is given: a second spread costs as much as all of Avro. */
function withConditions(form: { conditions: Conditions } & Partial<Conditions>): object {
  form.if_exists = form.conditions.if_exists;
  form.if_absent = form.conditions.if_absent;
  form.if_match = form.conditions.if_match;
  return form;
}

/** `form` was read by our own schema of that name. Throws what no later check can answer: a bad id, JSON that is none. */
export function fromAvroForm(name: RecordName, form: unknown): CodecValue {
  return READERS[name](form);
}

type Reader<Name extends RecordName> = (form: AvroForms[Name]) => CodecValue;

const READ: { [Name in RecordName]: Reader<Name> } = {
  StoreMemory: (form) => {
    const { payload, ...rest } = splitConditions(form);
    return {
      type: 'StoreMemory',
      ...rest,
      command_id: readId(form.command_id),
      payload: readObject('payload', payload),
    };
  },
  PatchMemory: (form) => {
    const { patch, ...rest } = splitConditions(form);
    return {
      type: 'PatchMemory',
      ...rest,
      command_id: readId(form.command_id),
      patch: readObject('patch', patch),
    };
  },
  DeleteMemory: (form) => ({
    type: 'DeleteMemory',
    ...splitConditions(form),
    command_id: readId(form.command_id),
  }),
  LinkMemories: ({ properties, ...rest }) => ({
    type: 'LinkMemories',
    ...rest,
    command_id: readId(rest.command_id),
    properties: readObject('properties', properties),
  }),
  UnlinkMemories: (form) => ({ type: 'UnlinkMemories', ...form, command_id: readId(form.command_id) }),
  MemoryStored: ({ command_id, memory }): MemoryStored => ({
    type: 'MemoryStored',
    command_id: command_id === null ? null : readId(command_id),
    memory: { deleted: false, ...memory, payload: readObject('payload', memory.payload) },
  }),
  MemoryDeleted: (form) => ({
    type: 'MemoryDeleted',
    ...form,
    command_id: form.command_id === null ? null : readId(form.command_id),
  }),
  Progress: (form) => ({ type: 'Progress', ...form }),
};

/** The schema that a form was read by stands for its type. */
const READERS = READ as Record<RecordName, (form: unknown) => CodecValue>;

function splitConditions<Form extends Conditions>(
  form: Form,
): Omit<Form, keyof Conditions> & { conditions: Conditions } {
  const { if_exists, if_absent, if_match, ...rest } = form;
  // avsc's records are instances of classes of its own.
  const matches = if_match?.map(({ version, revision }) => ({ version, revision })) ?? null;
  return { ...rest, conditions: { if_exists, if_absent, if_match: matches } };
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** One id has one spelling, so that it is the same wherever it is compared (RFC 9562 section 4: lower case). */
function readId(id: string): string {
  const canonical = id.toLowerCase();
  if (!UUID.test(canonical)) throw new SomaError('undecodable_record', 'command_id is not a UUID');
  return canonical;
}

function readObject(field: string, content: JsonField): JsonObject {
  if (typeof content !== 'string') return content;
  const parsed = parseExactJsonObject(content);
  if ('problem' in parsed)
    throw new SomaError('undecodable_record', `${field} cannot be kept as it is: ${parsed.problem}`);
  return parsed.value;
}
