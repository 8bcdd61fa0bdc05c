import { isUtf8 } from 'node:buffer';
import avsc, { type Type } from 'avsc';

/** Walks over one value and leaves `cursor.at` behind it; throws a RangeError where the bytes are unsound. */
type Walk = (cursor: Cursor) => void;

interface Cursor {
  bytes: Buffer;
  at: number;
}

/** @returns what is wrong with the bytes, undefined when they are one sound value of the type. */
export type SoundnessCheck = (bytes: Buffer) => string | undefined;

/**
 * avsc trusts the bytes it reads: an array that claims 2^40 items is read to the end of its memory, a block of negative
 * size is skipped for ever, and invalid UTF-8 turns into U+FFFD. So a record from elsewhere is walked over first.
 */
export function createSoundnessCheck(type: Type): SoundnessCheck {
  const walk = walkOf(type, new Map());
  return (bytes) => {
    const cursor = { bytes, at: 0 };
    try {
      walk(cursor);
    } catch (error) {
      // Also the stack overflow of a recursive schema that is nested too deeply.
      if (error instanceof RangeError) return error.message;
      throw error;
    }
    return cursor.at === bytes.length ? undefined : 'there are bytes after its end';
  };
}

function walkOf(type: Type, known: Map<Type, Walk>): Walk {
  const made = known.get(type);
  if (made !== undefined) return made;
  if (type instanceof avsc.types.RecordType) return recordWalk(type, known);
  if (type instanceof avsc.types.ArrayType) return blocksWalk(walkOf(type.itemsType, known));
  if (type instanceof avsc.types.MapType) {
    const value = walkOf(type.valuesType as Type, known);
    return blocksWalk((cursor) => {
      walkString(cursor);
      value(cursor);
    });
  }
  if (type instanceof avsc.types.UnwrappedUnionType || type instanceof avsc.types.WrappedUnionType) {
    return unionWalk(type.types.map((branch) => walkOf(branch, known)));
  }
  if (type instanceof avsc.types.FixedType) return skip(type.size);
  const walk = SCALAR_WALKS[type.typeName];
  if (walk === undefined) throw new TypeError(`no walk over ${type.typeName}`);
  return walk;
}

function recordWalk(type: avsc.types.RecordType, known: Map<Type, Walk>): Walk {
  const fields: Walk[] = [];
  const walk: Walk = (cursor) => {
    for (const field of fields) field(cursor);
  };
  // Known before its fields, so that a recursive schema ends.
  known.set(type, walk);
  for (const field of type.fields) fields.push(walkOf(field.type, known));
  return walk;
}

function unionWalk(branches: Walk[]): Walk {
  return (cursor) => {
    const branch = branches[readLong(cursor)];
    if (branch === undefined) throw new RangeError('a union has no such branch');
    branch(cursor);
  };
}

function blocksWalk(item: Walk): Walk {
  return (cursor) => {
    for (let count = readLong(cursor); count !== 0; count = readLong(cursor)) {
      const size = count < 0 ? readLong(cursor) : undefined;
      const start = cursor.at;
      // Items of no bytes (null) are not worth the exception.
      if (Math.abs(count) > cursor.bytes.length - start)
        throw new RangeError('an array claims more items than there are bytes');
      for (let left = Math.abs(count); left > 0; left -= 1) item(cursor);
      if (size !== undefined && cursor.at - start !== size)
        throw new RangeError('a block is not of the size it claims');
    }
  };
}

/** Above this many bytes a native call is cheaper than a loop. */
const NATIVE_ABOVE = 48;

function walkString(cursor: Cursor): void {
  const length = readLong(cursor);
  const start = cursor.at;
  advance(cursor, length);
  if (length > NATIVE_ABOVE) checkText(cursor.bytes.subarray(start, cursor.at));
  else {
    for (let at = start; at < cursor.at; at += 1) {
      const byte = cursor.bytes[at] ?? 0;
      if (byte === 0 || byte >= 0x80) {
        checkText(cursor.bytes.subarray(start, cursor.at));
        return;
      }
    }
  }
}

function checkText(bytes: Buffer): void {
  if (bytes.includes(0)) throw new RangeError('a string contains U+0000');
  if (!isUtf8(bytes)) throw new RangeError('a string is not UTF-8');
}

const SCALAR_WALKS: Partial<Record<string, Walk>> = {
  null: () => undefined,
  boolean: skip(1),
  int: readLong,
  long: readLong,
  enum: readLong,
  float: skip(4),
  double: skip(8),
  string: walkString,
  bytes: (cursor) => {
    advance(cursor, readLong(cursor));
  },
};

function skip(length: number): Walk {
  return (cursor) => {
    advance(cursor, length);
  };
}

function advance(cursor: Cursor, length: number): void {
  if (length < 0 || length > cursor.bytes.length - cursor.at) throw new RangeError('it is cut short');
  cursor.at += length;
}

/** A zigzag varint of at most 10 bytes; beyond 2^53 the value is inexact, which no length or count survives anyway. */
function readLong(cursor: Cursor): number {
  let raw = 0;
  let unit = 1;
  for (let read = 0; read < 10; read += 1) {
    const byte = cursor.bytes[cursor.at];
    if (byte === undefined) throw new RangeError('it is cut short');
    cursor.at += 1;
    raw += (byte & 0x7f) * unit;
    if (byte < 0x80) return raw % 2 === 0 ? raw / 2 : -(raw + 1) / 2;
    unit *= 128;
  }
  throw new RangeError('a number is longer than 10 bytes');
}
