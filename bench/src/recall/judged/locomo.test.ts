import { expect, test } from '@jest/globals';
import { evidenceIds, judgedConversation } from './locomo.js';

test.each([
  [['D1:3'], ['D1:3']],
  [['D8:6; D9:17'], ['D8:6', 'D9:17']],
  [['D:11:26'], ['D11:26']],
  [['D30:05', 'D30:5'], ['D30:5']],
  [['D', ''], []],
])('evidence %j', (evidence, expected) => {
  expect(evidenceIds(evidence)).toEqual(expected);
});

const TURN = { speaker: 'Ann', caption: null, session: 2, date: '1:56 pm on 8 May, 2023' };

test('a turn becomes a memory, and a question is kept while it has evidence', () => {
  const set = judgedConversation({
    name: 'Ann-and-Bo',
    turns: [
      { ...TURN, id: 'D2:1', text: 'Hello' },
      { ...TURN, id: 'D2:2', text: 'Look', caption: 'a dog' },
    ],
    qa: [
      { q: 'one', a: '', ev: ['D2:1', 'D9:9'], cat: 1 },
      { q: 'gone', a: '', ev: ['D9:9'], cat: 1 },
      { q: 'not in it', a: '', ev: ['D2:1'], cat: 5 },
    ],
  });
  expect(set.name).toBe('ann-and-bo');
  expect(set.memories).toEqual([
    {
      coord: 'D2:1',
      text: 'Hello',
      actor: 'Ann',
      thread_id: 'session-2',
      occurred_at: '2023-05-08T13:56:00.000Z',
    },
    expect.objectContaining({ coord: 'D2:2', text: 'Look [photo: a dog]' }),
  ]);
  expect(set.questions).toEqual([{ query: 'one', category: '1 multi-hop', relevant: ['D2:1'] }]);
});
