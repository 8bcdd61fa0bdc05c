import Table from 'cli-table3';
import { recallOf, TOP_K, type Asked, type Hit } from './ask.js';

const BEST = 3;
const WIDTHS = { question: 36, memory: 66, score: 8 };

/** Question, best memories and scores; ✓ marks what the data set names as evidence. */
export function tableOf(asked: readonly Asked[]): string {
  const table = new Table({
    head: ['question', 'best memories (✓ evidence)', 'score'],
    colWidths: [WIDTHS.question, WIDTHS.memory, WIDTHS.score],
    colAligns: ['left', 'left', 'right'],
    wordWrap: true,
    style: { head: [], border: [] },
  });
  for (const { question, hits } of asked) {
    const best = hits.slice(0, BEST);
    table.push([
      `${question.q}\n→ ${question.a}`,
      best.map((hit) => lineOf(hit, question.ev)).join('\n'),
      best.map(({ score }) => score.toFixed(3)).join('\n'),
    ]);
  }
  return table.toString();
}

/** One line, so that scores stand beside their memories. */
function lineOf({ coord, actor, text }: Hit, evidence: readonly string[]): string {
  const line = `${evidence.includes(coord) ? '✓' : ' '} ${coord} ${actor ?? ''}: ${text.replaceAll(/\s+/g, ' ')}`;
  // The cell's padding takes two columns.
  const room = WIDTHS.memory - 2;
  return line.length <= room ? line : `${line.slice(0, room - 1)}…`;
}

export function recallLine(asked: readonly Asked[]): string {
  const recalls = asked.map(recallOf);
  const mean = recalls.reduce((sum, recall) => sum + recall, 0) / recalls.length;
  const some = recalls.filter((recall) => recall > 0).length;
  return (
    `R@${TOP_K} ${mean.toFixed(3)} over ${asked.length} questions (mean share of the evidence among the first ${TOP_K}); ` +
    `some of it for ${some} of ${asked.length}`
  );
}
