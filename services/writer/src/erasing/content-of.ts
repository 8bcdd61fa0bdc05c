import type { LogRecord } from '@soma/event-log';
import { recordKey, type Codec, type CodecValue } from '@soma/events';
import { isSomaError, parseCoordinate } from '@soma/memory';

/** Memories that are looked for: some keys of a namespace, or (null) all of it. */
export interface Sought {
  namespace: string;
  keys: ReadonlySet<string> | null;
}

/**
 * Does a record hold content of a memory that is looked for? What cannot be read is judged by its key; under another
 * key it may be anybody's. @throws SomaError schema_registry_unavailable
 */
export async function contentOf(
  record: LogRecord,
  sought: Sought,
  codec: Pick<Codec, 'decode'>,
): Promise<'sought' | 'other' | 'unreadable'> {
  if (record.value === null || record.value.length === 0) return 'other';
  let value: CodecValue;
  try {
    value = await codec.decode(record);
  } catch (error) {
    if (!isSomaError(error) || error.retryable) throw error;
    return hasSoughtKey(record, sought) ? 'sought' : 'unreadable';
  }
  return isAbout(value, sought) || (holdsContent(value) && hasSoughtKey(record, sought)) ? 'sought' : 'other';
}

function isAbout(value: CodecValue, sought: Sought): boolean {
  switch (value.type) {
    case 'StoreMemory':
    case 'PatchMemory':
      return isSought(value.namespace, value.coord, sought);
    case 'LinkMemories':
      return [value.from_coord, value.to_coord].some((coord) => isSought(value.namespace, coord, sought));
    case 'MemoryStored':
      return isSought(value.memory.namespace, value.memory.key, sought);
    case 'DeleteMemory':
    case 'UnlinkMemories':
    case 'MemoryDeleted':
    case 'Progress':
      return false;
  }
}

function holdsContent({ type }: CodecValue): boolean {
  return (
    type === 'StoreMemory' || type === 'PatchMemory' || type === 'LinkMemories' || type === 'MemoryStored'
  );
}

/** A canonical key is its own key. */
function isSought(namespace: string, coord: string, sought: Sought): boolean {
  if (namespace !== sought.namespace) return false;
  return sought.keys === null || sought.keys.has(parseCoordinate(coord)?.key ?? coord);
}

function hasSoughtKey({ key }: LogRecord, { namespace, keys }: Sought): boolean {
  const prefix = recordKey(namespace, '');
  if (key?.startsWith(prefix) !== true) return false;
  return keys === null || keys.has(key.slice(prefix.length));
}
