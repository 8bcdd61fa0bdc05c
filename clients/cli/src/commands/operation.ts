import { setTimeout as sleep } from 'node:timers/promises';
import { show, type CommandContext } from '../command-context.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { resultText } from '../result-text.js';

interface Operation {
  status: string;
  [field: string]: unknown;
}

const ENDED = ['indexed', 'rejected', 'dead_lettered'];
const FAILED = ['rejected', 'dead_lettered'];

/** What became of a write; with `wait` once that is known for good. */
export async function operation(
  context: CommandContext,
  id: string,
  { wait }: { wait?: boolean },
): Promise<ExitCode> {
  for (;;) {
    const path = `/operations/${encodeURIComponent(id)}`;
    const { body } = await context.api.call<Operation>('GET', path);
    if (wait !== true || ENDED.includes(body.status)) {
      show(context, body, () => resultText(body));
      return FAILED.includes(body.status) ? EXIT.refused : EXIT.ok;
    }
    await sleep(context.pollMs);
  }
}
