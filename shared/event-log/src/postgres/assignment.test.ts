import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { TOPICS, type Topic } from '@soma/events';
import { assignmentOf, type Member } from './assignment.js';

const topics = Object.values(TOPICS);
const members: fc.Arbitrary<Member[]> = fc.uniqueArray(
  fc.record({ member_id: fc.uuid(), topics: fc.subarray<Topic>(topics, { minLength: 1 }) }),
  { selector: ({ member_id }) => member_id, minLength: 1, maxLength: 6 },
);

test('each partition that somebody reads has exactly one owner, whoever computes it in whatever order', () => {
  fc.assert(
    fc.property(members, fc.integer({ min: 1, max: 12 }), (all, partitions) => {
      const owned = all.flatMap(({ member_id }) =>
        assignmentOf(member_id, [...all].reverse(), () => partitions).map(
          ({ topic, partition }) => `${topic}/${partition}`,
        ),
      );
      const read = new Set(all.flatMap((member) => member.topics));
      expect(owned).toHaveLength(read.size * partitions);
      expect(new Set(owned).size).toBe(owned.length);
    }),
  );
});

test('nobody owns more than one partition of a topic above another', () => {
  const all = ['a', 'b', 'c'].map((member_id) => ({ member_id, topics: [TOPICS.memoryEvents] }));
  const counts = all.map(({ member_id }) => assignmentOf(member_id, all, () => 8).length);
  expect(counts.sort()).toEqual([2, 3, 3]);
});
