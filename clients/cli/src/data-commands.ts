import { Option, type Command } from 'commander';
import type { GetOptions, PutOptions, SearchOptions } from './commands/memories.js';
import { unmarked, unmarkedList } from './negative-coords.js';
import { count } from './option-values.js';
import type { Run } from './command-context.js';

const memories = () => import('./commands/memories.js');

function untilOption(): Option {
  const states = ['accepted', 'stored', 'indexed'];
  return new Option('--until <state>', 'what to wait for; the service waits for stored').choices(states);
}

/** Commands for who keeps memories. */
export function addDataCommands(program: Command, run: Run): void {
  program
    .command('put')
    .summary('Store a memory')
    .description(
      'Store a memory, replacing what is at its coord. Example: soma put ada.tea \'{"text": "green"}\'',
    )
    .argument('<coord>', 'where', unmarked)
    .argument('[payload]', 'a JSON object, or - to read it from the input')
    .option('--text <text>', 'what is embedded; otherwise taken from the payload', unmarked)
    .option('--tag <tag>', 'may be given several times', unmarkedList)
    .option('--user-id <id>', 'whose memory it is', unmarked)
    .option('--ttl <seconds>', 'seconds after which it expires', count)
    .addOption(untilOption())
    .action((coord: string, payload: string | undefined, options: PutOptions) =>
      run(async (context) => (await memories()).put(context, coord, payload, options)),
    );
  program
    .command('get')
    .description('Show a memory. Example: soma get -1,2')
    .argument('<coord>', 'where', unmarked)
    .option('--version <n>', 'as it was in this version', count)
    .option('--as-of <time>', 'as it was then, as in 2026-01-31T12:00:00Z')
    .action((coord: string, options: GetOptions) =>
      run(async (context) => (await memories()).get(context, coord, options)),
    );
  program
    .command('delete')
    .description('Delete a memory; its history stays until retention (see erase)')
    .argument('<coord>', 'where', unmarked)
    .addOption(untilOption())
    .action((coord: string, { until }: { until?: string }) =>
      run(async (context) => (await memories()).remove(context, coord, until)),
    );
  program
    .command('search')
    .description('Find memories by words and meaning')
    .argument('<words...>', 'what to look for', unmarkedList)
    .option('--top <n>', 'most memories to show', count, 5)
    .addOption(new Option('--mode <mode>', 'how to look').choices(['hybrid', 'dense', 'keyword']))
    .option('--filters <json>', 'only memories that pass, as in \'{"user_id": "ada"}\'')
    .action((words: string[], options: SearchOptions) =>
      run(async (context) => (await memories()).search(context, words, options)),
    );
  program
    .command('stats')
    .description('Totals over everything; wants no token')
    .action(() => run(async (context) => (await import('./commands/stats.js')).stats(context)));
}
