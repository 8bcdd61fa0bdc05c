import { parseArgs } from 'node:util';
import cliProgress from 'cli-progress';
import { ApiClient, runningService } from '../api-client.js';
import { askAll } from './ask.js';
import { answerable, conversationFile, readConversation, type Question } from './conversation.js';
import { loadConversation } from './load.js';
import { recallLine, tableOf } from './show.js';

/*
 * npm run demo [-- --show 10] [--conversation NAME]: loads a conversation into the running service through its REST
 * API, asks all its questions, and shows some of them with the memories found.
 */

try {
  await demo();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function demo(): Promise<void> {
  const { values } = parseArgs({
    options: { show: { type: 'string', default: '10' }, conversation: { type: 'string' } },
  });
  const file = conversationFile(process.env);
  const conversation = await readConversation(file, values.conversation);
  const service = runningService(process.env);
  const api = new ApiClient({ ...service, namespace: `demo-${conversation.name.toLowerCase()}` });

  console.log(`Loading ${conversation.turns.length} messages of ${file}\ninto ${service.url}`);
  const bar = new cliProgress.SingleBar(
    { format: '{bar} {value}/{total} messages, {duration_formatted}' },
    cliProgress.Presets.shades_classic,
  );
  bar.start(conversation.turns.length, 0);
  const token = await loadConversation(api, conversation, (turns) => {
    bar.increment(turns);
  });
  bar.stop();

  const questions = answerable(conversation);
  const started = performance.now();
  const asked = await askAll(api, questions, token);
  const seconds = (performance.now() - started) / 1000;
  const shown = spread(questions, Number(values.show));
  console.log(tableOf(asked.filter(({ question }) => shown.has(question))));
  console.log(`${recallLine(asked)}\n${asked.length} searches in ${seconds.toFixed(1)} s`);
}

/** So many of them, evenly from first to last: no choice of the ones that went well. */
function spread(questions: readonly Question[], count: number): Set<Question> {
  const step = Math.max(1, questions.length / Math.max(1, count));
  return new Set(questions.filter((_, index) => Math.floor(index / step) !== Math.floor((index - 1) / step)));
}
