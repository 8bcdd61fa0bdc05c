import { Option, type Command } from 'commander';
import type { DeleteOptions } from './commands/delete.js';
import type { DeleteManyOptions } from './commands/delete-many.js';
import type { ExportOptions } from './commands/export.js';
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
    .alias('store')
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
  addDeletions(program, run);
  program
    .command('search')
    .alias('recall')
    .description('Find memories by words and meaning')
    .argument('<words...>', 'what to look for', unmarkedList)
    .option('--top <n>', 'most memories to show', count, 5)
    .addOption(new Option('--mode <mode>', 'how to look').choices(['hybrid', 'dense', 'keyword']))
    .option('--filters <json>', 'only memories that pass, as in \'{"user_id": "ada"}\'')
    .action((words: string[], options: SearchOptions) =>
      run(async (context) => (await memories()).search(context, words, options)),
    );
  addTransfers(program, run);
  program
    .command('stats')
    .description('Totals over everything; wants no token')
    .action(() => run(async (context) => (await import('./commands/stats.js')).stats(context)));
}

function addTransfers(program: Command, run: Run): void {
  program
    .command('export')
    .alias('export-memories')
    .summary('Write all memories of a namespace to a file')
    .description(
      'Write all memories of a namespace as JSON Lines. Begun again, it goes on where a file ends that is not whole',
    )
    .argument('[file]', 'where to; absent, to the output')
    .option('--filters <json>', 'only memories that pass, as in \'{"user_id": "ada"}\'')
    .option('--user-id <id>', 'of this user', unmarked)
    .option('--force', 'begin anew, whatever the file holds')
    .action((file: string | undefined, options: ExportOptions) =>
      run(async (context) => (await import('./commands/export.js')).exportMemories(context, file, options)),
    );
  program
    .command('import')
    .alias('import-memories')
    .summary('Store the memories of a file')
    .description(
      'Store a memory for each line of a file, as export writes it; .gz is unpacked. Begun again, it goes on where it was stopped',
    )
    .argument('<file>', 'JSON Lines, or - for the input')
    .action((file: string) =>
      run(async (context) => (await import('./commands/import.js')).importMemories(context, file)),
    );
}

function addDeletions(program: Command, run: Run): void {
  program
    .command('delete')
    .summary('Delete a memory, or those that pass a filter')
    .description(
      'Delete a memory; its history stays until retention (see erase). With --filter see delete-many',
    )
    .argument('[coord]', 'where', unmarked)
    .addOption(untilOption())
    .option('--filter <json>', 'instead of a coord: all memories that pass')
    .option('--at-most <n>', 'with --filter: nothing is deleted when more match', count)
    .option('--dry-run', 'with --filter: only count')
    .option('--yes', 'with --filter: do not ask')
    .action((coord: string | undefined, options: DeleteOptions) =>
      run(async (context) => (await import('./commands/delete.js')).deleteOneOrMany(context, coord, options)),
    );
  program
    .command('delete-many')
    .summary('Delete the memories that pass a filter')
    .description(
      'Delete the memories that pass; counts them first and asks. Example: soma delete-many --thread-id t1 --dry-run',
    )
    .option('--filters <json>', 'memories that pass, as in \'{"topic": "tea"}\'')
    .option('--user-id <id>', 'of this user', unmarked)
    .option('--agent-id <id>', 'of this agent', unmarked)
    .option('--thread-id <id>', 'of this conversation', unmarked)
    .addOption(new Option('--memory-type <type>', 'of this type').choices(['episodic', 'semantic']))
    .option('--all', 'also when that is nearly everything')
    .option('--at-most <n>', 'nothing is deleted when more match; the service takes 10000', count)
    .option('--erase', 'their history goes too, for good')
    .option('--dry-run', 'only count')
    .option('--yes', 'do not ask')
    .action((options: DeleteManyOptions) =>
      run(async (context) => (await import('./commands/delete-many.js')).deleteMany(context, options)),
    );
}
