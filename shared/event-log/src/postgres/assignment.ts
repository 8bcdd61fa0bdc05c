import type { Topic } from '@soma/events';
import type { TopicPartition } from '../port.js';

export interface Member {
  member_id: string;
  topics: Topic[];
}

/** The partitions that belong to `memberId`: every member computes the same from the same live members. */
export function assignmentOf(
  memberId: string,
  members: Member[],
  partitions: (topic: Topic) => number,
): TopicPartition[] {
  const topics = members.find((member) => member.member_id === memberId)?.topics ?? [];
  return topics.flatMap((topic) => {
    const readers = members
      .filter((member) => member.topics.includes(topic))
      .map((member) => member.member_id)
      .sort();
    return Array.from({ length: partitions(topic) }, (_, partition) => ({ topic, partition })).filter(
      ({ partition }) => readers[partition % readers.length] === memberId,
    );
  });
}
