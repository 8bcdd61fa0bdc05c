import type { Queryable } from '@soma/postgres';
import type { Topic } from '@soma/events';
import type { Commit } from '../consuming/commit-buffer.js';

const COMMIT_OFFSETS = `
  insert into log_group_offsets (group_name, topic, partition, position)
  select $1, * from unnest($2::text[], $3::integer[], $4::bigint[])
  on conflict (group_name, topic, partition) do update set position = excluded.position`;

export async function commitOffsets(db: Queryable, group: string, commits: Commit[]): Promise<void> {
  await db.query(COMMIT_OFFSETS, [
    group,
    commits.map(({ topic }) => topic),
    commits.map(({ partition }) => partition),
    commits.map(({ position }) => position),
  ]);
}

const READ_OFFSETS = `select partition, position from log_group_offsets where group_name = $1 and topic = $2`;

export async function readOffsets(db: Queryable, group: string, topic: Topic): Promise<Map<number, number>> {
  const { rows } = await db.query<{ partition: number; position: number }>(READ_OFFSETS, [group, topic]);
  return new Map(rows.map(({ partition, position }) => [partition, position]));
}
