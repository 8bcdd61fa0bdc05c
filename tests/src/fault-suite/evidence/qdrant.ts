import type { JsonObject } from '@soma/memory';
import { textIn } from '../workload/http-client.js';
import { contentOf } from './postgres.js';
import type { ProjectedRow } from './rows.js';

const PAGE = 1000;

/** Points of each collection, by Qdrant's REST API. */
export async function qdrantPoints(
  url: string,
  namespaces: readonly string[],
): Promise<Map<string, ProjectedRow[]>> {
  const { collections } = await call<{ collections: { name: string }[] }>(`${url}/collections`);
  const points = new Map<string, ProjectedRow[]>();
  for (const { name } of collections)
    points.set(name, await pointsOf(`${url}/collections/${name}`, namespaces));
  return points;
}

interface Page {
  points: { payload: JsonObject }[];
  next_page_offset: string | number | null;
}

async function pointsOf(collection: string, namespaces: readonly string[]): Promise<ProjectedRow[]> {
  const rows: ProjectedRow[] = [];
  const filter = { must: [{ key: 'namespace', match: { any: namespaces } }] };
  for (let offset: Page['next_page_offset'] = null; ;) {
    const asked = {
      filter,
      limit: PAGE,
      with_payload: true,
      with_vector: false,
      ...(offset === null ? {} : { offset }),
    };
    const page: Page = await call<Page>(`${collection}/points/scroll`, asked);
    rows.push(...page.points.map(({ payload }) => rowOf(payload)));
    offset = page.next_page_offset;
    if (offset === null) return rows;
  }
}

function rowOf(payload: JsonObject): ProjectedRow {
  return {
    namespace: textIn(payload['namespace']),
    key: textIn(payload['key']),
    revision: Number(payload['revision']),
    deleted: payload['deleted'] === true,
    ...contentOf((payload['fields'] as JsonObject | undefined) ?? null),
  };
}

async function call<T>(url: string, body?: object): Promise<T> {
  const response = await fetch(url, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { 'Content-Type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`the index answered ${response.status}`);
  return ((await response.json()) as { result: T }).result;
}
