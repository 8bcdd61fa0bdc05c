import avsc, { type Type } from 'avsc';
import { isJsonObject, SomaError, type JsonObject, type JsonValue } from '@soma/memory';

/** Fields that Avro holds as JSON text; a record in JSON may have the object itself there. */
export const JSON_TEXT_FIELDS: ReadonlySet<string> = new Set(['payload', 'properties', 'patch']);

/**
 * Reads a JSON value as the Avro type says: unions hold the bare value, absent fields take the schema's defaults.
 * Strict: nothing is converted, unknown fields are refused.
 * @throws schema_mismatch that names the place and never the value.
 */
export function readAsAvro(type: Type, value: JsonValue, path: string): unknown {
  if (type instanceof avsc.types.RecordType) return readRecord(type, value, path);
  if (type instanceof avsc.types.ArrayType) {
    if (!Array.isArray(value)) throw mismatch(path, 'is not an array');
    return value.map((item, index) => readAsAvro(type.itemsType, item, `${path}[${index}]`));
  }
  if (type instanceof avsc.types.UnwrappedUnionType) return readNullable(type, value, path);
  const isRight = SCALARS[type.typeName];
  if (isRight === undefined) throw new TypeError(`no reader of ${type.typeName}`);
  if (!isRight(value)) throw mismatch(path, `is not a ${type.typeName}`);
  return value;
}

function readRecord(type: avsc.types.RecordType, value: JsonValue, path: string): unknown {
  if (!isJsonObject(value)) throw mismatch(path, 'is not an object');
  const names = new Set(type.fields.map((field) => field.name));
  const unknown = Object.keys(value).findIndex((name) => !names.has(name));
  if (unknown !== -1)
    throw mismatch(path, `has a field (number ${unknown + 1}) that the schema does not have`);
  return Object.fromEntries(type.fields.map((field) => [field.name, readField(field, value, path)]));
}

function readField(field: avsc.types.Field, record: JsonObject, path: string): unknown {
  const place = `${path}.${field.name}`;
  const value = Object.hasOwn(record, field.name) ? record[field.name] : undefined;
  if (value === undefined) {
    const absent: unknown = field.defaultValue();
    if (absent === undefined) throw mismatch(place, 'is missing');
    return absent;
  }
  if (JSON_TEXT_FIELDS.has(field.name) && isJsonObject(value)) return value;
  return readAsAvro(field.type, value, place);
}

/** The only unions in use are of null and one other type. */
function readNullable(type: avsc.types.UnwrappedUnionType, value: JsonValue, path: string): unknown {
  if (value === null) return null;
  const branch = type.types.find((candidate) => candidate.typeName !== 'null');
  if (branch === undefined) throw mismatch(path, 'is not null');
  return readAsAvro(branch, value, path);
}

const MAX_INT = 2 ** 31;

const SCALARS: Partial<Record<string, (value: JsonValue) => boolean>> = {
  string: (value) => typeof value === 'string',
  boolean: (value) => typeof value === 'boolean',
  long: (value) => Number.isSafeInteger(value),
  int: (value) => Number.isInteger(value) && Number(value) >= -MAX_INT && Number(value) < MAX_INT,
  double: (value) => typeof value === 'number',
};

function mismatch(path: string, what: string): SomaError {
  return new SomaError('schema_mismatch', `${path} ${what}`);
}
