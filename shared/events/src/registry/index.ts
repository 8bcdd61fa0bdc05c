import { COMPATIBILITY, SchemaRegistry } from '@kafkajs/confluent-schema-registry';
import { isSomaError, SomaError } from '@soma/memory';
import type { RecordSchema, SchemaIds } from '../schema-ids.js';
import { createAnswers } from './answers.js';
import { asSomaError, isNotRegistered, isUnknownId } from './registry-errors.js';

export interface RegistryOptions {
  /** Base URL of a registry with Confluent's REST API; a user and password in it are sent as basic authentication. */
  url: string;
  /** How long one request may take, milliseconds (default 3000). Nothing is tried again here: callers do. */
  timeoutMs?: number;
  /** How long an id that the registry does not know is not asked for again, milliseconds (default 10 000). */
  unknownForMs?: number;
}

/** Answers remembered of each kind: far more than the versions that will ever be, and a bound on a flood of foreign ids. */
const MAX_REMEMBERED = 1000;

/** Ids from a Confluent-compatible schema registry. Our schemas are registered when they are first written. */
export function createRegistryIds({
  url,
  timeoutMs = 3000,
  unknownForMs = 10_000,
}: RegistryOptions): SchemaIds {
  const registry = connect(url, timeoutMs);
  const ids = createAnswers<string, number>({ max: MAX_REMEMBERED, refusedForMs: 0 });
  const schemas = createAnswers<number, RecordSchema>({
    max: MAX_REMEMBERED,
    refusedForMs: unknownForMs,
    isRefusal: (error) => isSomaError(error) && error.code === 'unknown_schema',
  });
  return {
    idOf: (subject, schema) =>
      ids(`${subject} ${JSON.stringify(schema)}`, () => findOrRegister(registry, subject, schema)),
    schemaOf: (id) => schemas(id, () => fetchSchema(registry, id)),
  };
}

function connect(url: string, timeoutMs: number): SchemaRegistry {
  const { origin, pathname, username, password } = new URL(url);
  return new SchemaRegistry({
    host: `${origin}${pathname.replace(/\/$/, '')}`,
    ...(username === ''
      ? {}
      : { auth: { username: decodeURIComponent(username), password: decodeURIComponent(password) } }),
    retry: { retries: 0 },
    middlewares: [() => ({ prepareRequest: async (next) => (await next()).enhance({ timeout: timeoutMs }) })],
  });
}

/** Looks first, so that a token that may only read is enough where others registered our schemas. */
async function findOrRegister(
  registry: SchemaRegistry,
  subject: string,
  schema: RecordSchema,
): Promise<number> {
  try {
    return requireId(await registry.getRegistryIdBySchema(subject, schema));
  } catch (error) {
    if (!isNotRegistered(error)) throw asSomaError(error);
  }
  try {
    const { id } = await registry.register(schema, { subject, compatibility: COMPATIBILITY.FULL_TRANSITIVE });
    return requireId(id);
  } catch (error) {
    throw asSomaError(error);
  } finally {
    registry.cache.clear();
  }
}

/** The client takes any 200 for an answer. */
function requireId(id: unknown): number {
  if (typeof id === 'number') return id;
  throw new SomaError('schema_registry_unavailable', 'what answers at its address is no schema registry');
}

async function fetchSchema(registry: SchemaRegistry, id: number): Promise<RecordSchema> {
  try {
    const schema: unknown = await registry.getSchema(id);
    // What comes back is compiled; its JSON is the schema as it was registered.
    return JSON.parse(JSON.stringify(schema)) as RecordSchema;
  } catch (error) {
    if (isUnknownId(error))
      throw new SomaError('unknown_schema', `the schema registry has no schema ${id}`, { cause: error });
    throw asSomaError(error);
  } finally {
    // The client's own cache has no bound; ours has.
    registry.cache.clear();
  }
}
