import {
  DEFAULT_ATTRIBUTES,
  NO_CONDITIONS,
  type Conditions,
  type DeleteMemory,
  type JsonObject,
  type MemoryCommand,
  type PatchMemory,
  type StoreMemory,
} from '@soma/memory';
import { commandId } from '../idempotency.js';
import type { ApiRequest } from '../route.js';
import type { BatchOperation, MessagesBody, PatchBody, ReplacementBody } from '../schemas/writes.js';

/** What commands take from the request beside its body. */
export type CommandSource = Pick<
  ApiRequest<unknown, unknown>,
  'caller' | 'namespace' | 'idempotency_key' | 'request_hash' | 'conditions'
>;

/** The envelope of the command at `index` of a request. */
export function envelopeOf(
  { caller, namespace, idempotency_key, request_hash }: CommandSource,
  index: number,
) {
  return {
    command_id: commandId({ subject: caller.subject, namespace, idempotency_key }, index),
    namespace,
    request_hash,
    issued_at: Date.now(),
    issuer: caller.subject,
    bound_to_user: null,
  };
}

/** A coord that is not given is the command's id: derived with an Idempotency-Key, a new UUIDv7 without. */
export function storeCommand(
  source: CommandSource,
  index: number,
  body: ReplacementBody & { coord?: string | undefined },
): StoreMemory {
  const envelope = envelopeOf(source, index);
  return {
    type: 'StoreMemory',
    ...envelope,
    coord: body.coord ?? envelope.command_id,
    conditions: source.conditions,
    payload: body.payload ?? {},
    text: body.text ?? null,
    memory_type: body.memory_type,
    user_id: body.user_id ?? null,
    agent_id: body.agent_id ?? null,
    thread_id: body.thread_id ?? null,
    actor: body.actor ?? null,
    tags: body.tags,
    importance: body.importance,
    occurred_at: body.occurred_at ?? null,
    expires_at: body.expires_at ?? null,
    ttl_seconds: body.ttl_seconds ?? null,
  };
}

/** Fields of a batch's patch that say how, not what. */
const ABOUT_THE_PATCH: ReadonlySet<string> = new Set(['op', 'coord', 'if_version', 'if_absent']);

export function patchCommand(
  source: CommandSource,
  index: number,
  coord: string,
  patch: PatchBody,
): PatchMemory {
  const given = Object.entries(patch).filter(
    ([name, value]) => value !== undefined && !ABOUT_THE_PATCH.has(name),
  );
  return {
    type: 'PatchMemory',
    ...envelopeOf(source, index),
    coord,
    conditions: source.conditions,
    patch: Object.fromEntries(given) as JsonObject,
  };
}

export function deleteCommand(
  source: CommandSource,
  index: number,
  coord: string,
  erase = false,
): DeleteMemory {
  const { conditions } = source;
  return {
    type: 'DeleteMemory',
    ...envelopeOf(source, index),
    coord,
    conditions,
    erase,
    only_expired: false,
  };
}

export function batchCommand(source: CommandSource, index: number, item: BatchOperation): MemoryCommand {
  const own = { ...source, conditions: conditionsOf(item) };
  switch (item.op) {
    case 'put':
      return storeCommand(own, index, item);
    case 'patch':
      return patchCommand(own, index, item.coord, item);
    case 'delete':
      return deleteCommand(own, index, item.coord);
  }
}

function conditionsOf({ if_version, if_absent }: BatchOperation): Conditions {
  return {
    ...NO_CONDITIONS,
    if_absent: if_absent ?? false,
    if_match: if_version === undefined ? null : [{ version: if_version, revision: null }],
  };
}

/** One memory a message, in order: the payload is the message, the text its content, the actor its name or role. */
export function messageCommands(source: CommandSource, body: MessagesBody): StoreMemory[] {
  const { user_id, agent_id, thread_id, tags, ttl_seconds } = body;
  return body.messages.map(({ role, content, name, occurred_at, coord }, index) =>
    storeCommand(source, index, {
      coord,
      payload: { role, content, ...(name === undefined ? {} : { name }) },
      text: content,
      memory_type: DEFAULT_ATTRIBUTES.memory_type,
      importance: DEFAULT_ATTRIBUTES.importance,
      actor: name ?? role,
      user_id,
      agent_id,
      thread_id,
      tags,
      ttl_seconds,
      occurred_at,
    }),
  );
}
