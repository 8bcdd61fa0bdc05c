import type { JsonObject, JsonValue } from '@soma/memory';
import type { Asked } from '../history/history.js';
import { merged } from './merged.js';

/** What the model knows of a memory. Written for the suite: it shares no line with what it judges. */
export interface ModelState {
  version: number;
  revision: number;
  /** Undefined of a deleted memory. */
  content?: ModelContent;
}

export interface ModelContent {
  payload: JsonObject;
  /** As given; undefined when it follows from the payload. */
  given_text?: string;
  memory_type: string;
  user_id: string | null;
  tags: JsonValue;
  importance: number;
  /** Epoch milliseconds. */
  expires_at: number | null;
}

export type Verdict =
  | { kind: 'stored'; state: ModelState; created: boolean }
  | { kind: 'deleted'; state: ModelState }
  | { kind: 'nothing' }
  | { kind: 'rejected'; code: string };

export interface Moment {
  /** When the command was carried out, by the clock of the store. */
  at: number;
  revision: number;
}

/** What a command has to come to, given the memory as it stood before it. */
export function step(current: ModelState | undefined, asked: Asked, moment: Moment): Verdict {
  const content = liveContent(current, moment.at);
  const obstacle = obstacleTo(asked, content === undefined ? undefined : current);
  if (obstacle !== undefined) return { kind: 'rejected', code: obstacle };
  const next = { version: (current?.version ?? 0) + 1, revision: moment.revision };
  if (asked.type === 'delete') {
    return content === undefined ? { kind: 'nothing' } : { kind: 'deleted', state: next };
  }
  if (asked.type === 'patch') {
    if (content === undefined) return { kind: 'rejected', code: 'memory_not_found' };
    const patched = contentOf(merged(documentOf(content), asked.content) as JsonObject, moment.at);
    return { kind: 'stored', created: false, state: { ...next, content: patched } };
  }
  return {
    kind: 'stored',
    created: content === undefined,
    state: { ...next, content: contentOf(asked.content, moment.at) },
  };
}

/** The service clears away a memory whose time is over, by a command of its own. */
export function swept(current: ModelState | undefined, moment: Moment): ModelState | undefined {
  const isOver = current?.content !== undefined && liveContent(current, moment.at) === undefined;
  return isOver ? { version: current.version + 1, revision: moment.revision } : undefined;
}

export function liveContent(state: ModelState | undefined, at: number): ModelContent | undefined {
  const content = state?.content;
  if (content === undefined) return undefined;
  return content.expires_at !== null && content.expires_at <= at ? undefined : content;
}

function obstacleTo({ conditions }: Asked, live: ModelState | undefined): string | undefined {
  if (conditions.if_absent && live !== undefined) return 'already_exists';
  if (conditions.if_exists && live === undefined) return 'version_conflict';
  if (conditions.if_match === null) return undefined;
  const fits = conditions.if_match.some(({ version, revision }) => {
    return live?.version === version && (revision ?? live.revision) === live.revision;
  });
  return fits ? undefined : 'version_conflict';
}

/** A memory as a caller would have to send it whole. */
function documentOf(content: ModelContent): JsonObject {
  const { payload, given_text: text, memory_type, user_id, tags, importance, expires_at } = content;
  return {
    payload,
    memory_type,
    tags,
    importance,
    ...(text === undefined ? {} : { text }),
    ...(user_id === null ? {} : { user_id }),
    ...(expires_at === null ? {} : { expires_at }),
  };
}

function contentOf(document: JsonObject, at: number): ModelContent {
  const { payload, text, memory_type, user_id, tags, importance, ttl_seconds: ttl, expires_at } = document;
  return {
    payload: (payload ?? {}) as JsonObject,
    ...(typeof text === 'string' ? { given_text: text } : {}),
    memory_type: typeof memory_type === 'string' ? memory_type : 'episodic',
    user_id: typeof user_id === 'string' ? user_id : null,
    tags: tags ?? [],
    importance: typeof importance === 'number' ? importance : 0.5,
    expires_at:
      typeof ttl === 'number' ? at + ttl * 1000 : typeof expires_at === 'number' ? expires_at : null,
  };
}

/** The text that follows from a payload: its `text`, else its `content`, else all strings. */
export function textOf({ given_text: given, payload }: ModelContent): string {
  if (given !== undefined) return given;
  const named = [payload['text'], payload['content']].find((value) => typeof value === 'string');
  if (typeof named === 'string') return named;
  const strings: string[] = [];
  const collect = (value: JsonValue): void => {
    if (typeof value === 'string') strings.push(value);
    else if (Array.isArray(value)) value.forEach(collect);
    else if (value !== null && typeof value === 'object') Object.values(value).forEach(collect);
  };
  collect(payload);
  return strings.join('\n');
}
