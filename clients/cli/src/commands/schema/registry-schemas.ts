import { CommandFailed, EXIT } from '../../exit-codes.js';
import type { CheckOptions } from './check-records.js';

const TIMEOUT_MS = 10_000;
const UNKNOWN = 404;

type SchemaOf = NonNullable<CheckOptions['schemaOf']>;

/** Schemas by id from a registry with Confluent's REST API; user and password in the URL are sent as basic authentication. */
export function registrySchemas(url: string): SchemaOf {
  const asked = new Map<number, ReturnType<SchemaOf>>();
  return (id) => {
    const answer = asked.get(id) ?? ask(url, id);
    asked.set(id, answer);
    return answer;
  };
}

async function ask(url: string, id: number): ReturnType<SchemaOf> {
  const { place, headers } = addressOf(url, id);
  const failed = (why: string, cause?: unknown): CommandFailed =>
    new CommandFailed(EXIT.unreachable, `the schema registry at ${place.origin} ${why}`, { cause });
  let response: Response;
  try {
    response = await fetch(place, { headers, signal: AbortSignal.timeout(TIMEOUT_MS) });
  } catch (cause) {
    throw failed('is not reachable', cause);
  }
  if (response.status === UNKNOWN) return undefined;
  if (!response.ok) throw failed(`answered ${response.status}`);
  try {
    const { schema } = (await response.json()) as { schema: string };
    return JSON.parse(schema) as Awaited<ReturnType<SchemaOf>>;
  } catch (cause) {
    throw failed('does not answer as a schema registry', cause);
  }
}

function addressOf(url: string, id: number): { place: URL; headers: Record<string, string> } {
  if (!URL.canParse(url)) throw new CommandFailed(EXIT.usage, '--registry is no URL');
  const place = new URL(`schemas/ids/${id}`, url.endsWith('/') ? url : `${url}/`);
  const login = [place.username, place.password].map(decodeURIComponent).join(':');
  [place.username, place.password] = ['', ''];
  if (login === ':') return { place, headers: {} };
  return { place, headers: { authorization: `Basic ${Buffer.from(login).toString('base64')}` } };
}
