import { Redis } from 'ioredis';
import type { JsonObject } from '@soma/memory';
import { digestOf } from '../stable-json.js';
import { textIn } from '../workload/http-client.js';
import type { ProjectedRow } from './rows.js';

/** `<run id of the server, 40><revision, 16 digits><JSON of the state>`. */
const RUN_ID = 40;
const HEAD = 56;

/** Every entry of the cache that a reader would take: those of another life of the server count as absent. */
export async function cachedStates(url: string, namespaces: readonly string[]): Promise<ProjectedRow[]> {
  const redis = new Redis(url, { lazyConnect: true, maxRetriesPerRequest: 5 });
  redis.on('error', () => undefined);
  try {
    await redis.connect();
    const run = /run_id:([0-9a-f]+)/.exec(await redis.info('server'))?.[1] ?? '';
    const rows: ProjectedRow[] = [];
    for (const namespace of namespaces) {
      for await (const keys of redis.scanStream({ match: `*:{${namespace}/*}:m`, count: 500 })) {
        for (const key of keys as string[]) {
          const row = rowOf(await redis.get(key), run);
          if (row !== undefined) rows.push(row);
        }
      }
    }
    return rows;
  } finally {
    redis.disconnect();
  }
}

function rowOf(value: string | null, run: string): ProjectedRow | undefined {
  if (value?.slice(0, RUN_ID) !== run) return undefined;
  const state = JSON.parse(value.slice(HEAD)) as JsonObject;
  const deleted = state['deleted'] === true;
  return {
    namespace: textIn(state['namespace']),
    key: textIn(state['key']),
    revision: Number(value.slice(RUN_ID, HEAD)),
    deleted,
    version: Number(state['version']),
    digest: deleted ? null : digestOf(state['payload'] ?? null),
  };
}
