import {
  fromBinary,
  fromJson,
  toBinary,
  toJson,
  type DescMessage,
  type JsonObject,
  type JsonValue,
} from '@bufbuild/protobuf';
import { RequestRefused } from '../refusal.js';

/**
 * A message as the JSON that the HTTP face takes, fields by their names in the .proto. Keys of objects are sorted: in
 * protobuf their order means nothing and changes between two sendings of one message.
 * @throws RequestRefused invalid_request for bytes that are no such message, and for fields that this version lacks
 */
export function jsonOfMessage(schema: DescMessage, bytes: Uint8Array): JsonObject {
  try {
    const message = fromBinary(schema, bytes);
    refuseUnknownFields(message);
    return sorted(toJson(schema, message, { useProtoFieldName: true })) as JsonObject;
  } catch (cause) {
    if (cause instanceof RequestRefused) throw cause;
    throw new RequestRefused('invalid_request', 'the message is not what this call takes', { cause });
  }
}

/** What the HTTP face answered as a message; fields of JSON that the message lacks are left out. */
export function messageOfJson(schema: DescMessage, json: JsonValue): Buffer {
  return Buffer.from(toBinary(schema, fromJson(schema, json, { ignoreUnknownFields: true })));
}

/** What would be dropped unseen is refused, as over HTTP. */
function refuseUnknownFields(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    for (const item of value) refuseUnknownFields(item);
    return;
  }
  // Payloads and filters are JSON, not messages.
  if (!('$typeName' in value)) return;
  const { $unknown: unknown = [] } = value as { $unknown?: { no: number }[] };
  if (unknown.length > 0) {
    const numbers = unknown.map(({ no }) => no).join(', ');
    throw new RequestRefused('invalid_request', `this version takes no field ${numbers} there`);
  }
  for (const field of Object.values(value)) refuseUnknownFields(field);
}

function sorted(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, child]) => [name, sorted(child)]));
}
