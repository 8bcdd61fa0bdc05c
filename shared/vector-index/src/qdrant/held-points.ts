import type { QdrantClient, Schemas } from '@qdrant/js-client-rest';
import type { HeldPage, HeldPoint, HeldRevision, PointRevision, ScanPage } from '../port.js';
import { pointId } from './point-id.js';
import { qdrantErrors, statusOf } from './qdrant-errors.js';
import type { PointPayload } from './qdrant-point.js';

/** What is read of a point to compare it. */
const COMPARED = ['namespace', 'key', 'partition', 'revision', 'deleted'];
const PER_REQUEST = 200;

/** How a request reads, where there are several copies of a shard. */
export interface Reading {
  consistency?: 'majority';
}

export async function heldRevisions(
  client: QdrantClient,
  name: string,
  { namespace, keys }: { namespace: string; keys: readonly string[] },
  reading: Reading,
): Promise<(HeldRevision | undefined)[]> {
  const held = new Map<string, HeldRevision>();
  for (const chunk of chunks(keys)) {
    const ids = chunk.map((key) => pointId(namespace, key));
    const points = await qdrantErrors(() =>
      client.retrieve(name, { ids, with_payload: COMPARED, with_vector: false, ...reading }),
    );
    for (const { payload } of points) {
      const { key, revision, deleted } = payloadOf(payload);
      held.set(key, { revision, deleted });
    }
  }
  return keys.map((key) => held.get(key));
}

/** By the id of the points, which is the order of a scroll. The reserved points with progress have no revision. */
export async function scanPoints(
  client: QdrantClient,
  name: string,
  { after, limit, namespace }: ScanPage,
  reading: Reading,
): Promise<HeldPage> {
  const must: Schemas['Condition'][] = [{ key: 'revision', range: { gte: 0 } }];
  if (namespace !== null) must.push({ key: 'namespace', match: { value: namespace } });
  const page = await qdrantErrors(() =>
    client.scroll(name, {
      limit,
      filter: { must },
      with_payload: COMPARED,
      with_vector: false,
      ...(after === null ? {} : { offset: after }),
      ...reading,
    }),
  );
  const next = page.next_page_offset;
  return {
    points: page.points.map(({ payload }): HeldPoint => {
      const { namespace: of, key, partition, revision, deleted } = payloadOf(payload);
      return { namespace: of, key, partition, revision, deleted };
    }),
    next: typeof next === 'string' ? next : null,
  };
}

export async function removePoints(
  client: QdrantClient,
  name: string,
  points: readonly PointRevision[],
): Promise<void> {
  for (const chunk of chunks(points)) {
    const should = chunk.map(({ namespace, key, revision }) => ({
      must: [
        { has_id: [pointId(namespace, key)] },
        { key: 'revision', range: { gte: revision, lte: revision } },
      ],
    }));
    await qdrantErrors(() => client.delete(name, { filter: { should }, wait: true }));
  }
}

export async function dropCollection(client: QdrantClient, name: string): Promise<void> {
  await qdrantErrors(async () => {
    try {
      await client.deleteCollection(name);
    } catch (error) {
      if (statusOf(error) !== 404) throw error;
    }
  });
}

function payloadOf(payload: Schemas['Record']['payload']): PointPayload {
  return payload as unknown as PointPayload;
}

function* chunks<T>(items: readonly T[]): Generator<T[]> {
  for (let from = 0; from < items.length; from += PER_REQUEST) yield items.slice(from, from + PER_REQUEST);
}
