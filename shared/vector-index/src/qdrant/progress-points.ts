import type { QdrantClient, Schemas } from '@qdrant/js-client-rest';
import type { PartitionProgress, ProgressStep } from '../port.js';
import type { Reading } from './held-points.js';
import { progressPointId } from './point-id.js';
import { qdrantErrors, statusOf } from './qdrant-errors.js';

const NO_PROGRESS: PartitionProgress = { generation: 0, command_position: -1 };

export async function readProgress(
  client: QdrantClient,
  name: string,
  partitions: readonly number[],
  reading: Reading,
): Promise<Map<number, PartitionProgress>> {
  const stored = await qdrantErrors(async () => {
    try {
      const ids = partitions.map(progressPointId);
      return await client.retrieve(name, { ids, with_payload: true, ...reading });
    } catch (error) {
      if (statusOf(error) === 404) return [];
      throw error;
    }
  });
  const payloads = new Map(
    stored.map(({ id, payload }) => [id, payload as PartitionProgress | null | undefined]),
  );
  return new Map(
    partitions.map((partition) => {
      const { generation, command_position } = payloads.get(progressPointId(partition)) ?? NO_PROGRESS;
      return [partition, { generation, command_position }];
    }),
  );
}

export async function writeProgress(
  client: QdrantClient,
  name: string,
  partition: number,
  progress: PartitionProgress,
): Promise<void> {
  // Of no namespace, deleted and without vectors: nothing finds, counts or prunes it.
  const point = {
    id: progressPointId(partition),
    vector: {},
    payload: { ...progress, partition, deleted: true },
  };
  await qdrantErrors(() => client.upsert(name, { wait: true, points: [point] }));
}

/** What is there afterwards says whether it was there to be moved. */
export async function moveProgress(
  client: QdrantClient,
  name: string,
  { partition, from, to }: ProgressStep & { partition: number },
  reading: Reading,
): Promise<boolean> {
  const should: Schemas['Condition'][] = from.map(({ generation, command_position }) => ({
    must: [
      { has_id: [progressPointId(partition)] },
      { key: 'generation', match: { value: generation } },
      { key: 'command_position', match: { value: command_position } },
    ],
  }));
  const payload = { generation: to.generation, command_position: to.command_position };
  // A filter of no conditions would be all points.
  if (should.length > 0)
    await qdrantErrors(() => client.setPayload(name, { payload, filter: { should }, wait: true }));
  const held = (await readProgress(client, name, [partition], reading)).get(partition);
  return held?.generation === to.generation && held.command_position === to.command_position;
}
