import type { Queryable } from '@soma/postgres';
import { TOPICS, type Topic } from '@soma/events';
import { SomaError } from '@soma/memory';

const CREATE_PARTITIONS = `
  insert into log_partitions (topic, partition)
  select topic, partition
  from unnest($1::text[]) as topic, generate_series(0, $2::integer - 1) as partition
  where not exists (select from log_partitions existing where existing.topic = topic)
  on conflict do nothing`;

const COUNT_PARTITIONS = `
  select topic, count(*) as partitions from log_partitions where topic = any ($1::text[]) group by topic`;

/** Creates the partitions of every topic, or verifies that there are as many as wanted. */
export async function createPartitions(db: Queryable, partitions: number): Promise<void> {
  const topics = Object.values(TOPICS);
  await db.query(CREATE_PARTITIONS, [topics, partitions]);
  const { rows } = await db.query<{ topic: Topic; partitions: number }>(COUNT_PARTITIONS, [topics]);
  for (const found of rows) {
    if (found.partitions === partitions) continue;
    throw new SomaError(
      'invalid_configuration',
      `topic ${found.topic}: partitions is ${found.partitions}, wanted ${partitions}; the count cannot change once the topic exists`,
    );
  }
}
