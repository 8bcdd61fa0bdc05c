import type { LogRecord } from '@soma/event-log';
import { HEADERS, isJson } from '@soma/events';
import { isJsonObject, isNamespace, parseCoordinate, type JsonObject } from '@soma/memory';

/** What names the operation and the memory of a record, as far as it can be told. */
export interface Owner {
  command_id: string | null;
  namespace: string | null;
  coord: string | null;
}

/**
 * Whose record this is. Of what could be decoded its fields say it; of the rest what JSON can be read, the header
 * command-id and the key (`namespace/canonical coord`), so that the operation of a command that cannot be read ends too.
 */
export function whoseRecord(record: LogRecord, decoded: unknown): Owner {
  if (isFields(decoded)) {
    // An event holds its memory whole.
    const { memory } = decoded;
    return ownerIn(record, isFields(memory) ? { ...memory, command_id: decoded['command_id'] } : decoded);
  }
  const fields = isJson(record.headers) ? readableJson(record.value) : {};
  const { command_id, namespace, coord } = ownerIn(record, fields);
  if (namespace !== null) return { command_id, namespace, coord };
  return { command_id, ...ownerOfKey(record.key) };
}

type Fields = Record<string, unknown>;

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null;
}

function ownerIn({ headers }: LogRecord, fields: Fields): Owner {
  const text = (name: string) => (typeof fields[name] === 'string' ? fields[name] : null);
  return {
    command_id: text('command_id') ?? headers[HEADERS.commandId] ?? null,
    namespace: text('namespace'),
    coord: text('coord') ?? text('from_coord'),
  };
}

function readableJson(value: Buffer | null): JsonObject {
  try {
    const parsed: unknown = JSON.parse(value?.toString('utf8') ?? '');
    return isJsonObject(parsed) ? parsed : {};
  } catch {
    return {};
  }
}

function ownerOfKey(key: string | null): Pick<Owner, 'namespace' | 'coord'> {
  const slash = key?.indexOf('/') ?? -1;
  if (key === null || slash < 0) return { namespace: null, coord: null };
  const [namespace, coord] = [key.slice(0, slash), key.slice(slash + 1)];
  if (!isNamespace(namespace) || parseCoordinate(coord)?.key !== coord)
    return { namespace: null, coord: null };
  return { namespace, coord };
}
