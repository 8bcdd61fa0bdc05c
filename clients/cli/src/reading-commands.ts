import { Option, type Command } from 'commander';
import type { Run } from './command-context.js';
import type { ListOptions, Narrowing, PageOptions } from './commands/lists.js';
import { unmarked } from './negative-coords.js';
import { count } from './option-values.js';

const lists = () => import('./commands/lists.js');

/** Commands that look through a namespace and into the past. */
export function addReadingCommands(program: Command, run: Run): void {
  paged(narrowed(program.command('list')))
    .summary('List memories')
    .description(
      'List memories, each once while others write. Example: soma list --user-id ada --order updated_at',
    )
    .addOption(
      new Option('--order <what>', 'what orders them')
        .choices(['created_at', 'updated_at', 'occurred_at', 'coord'])
        .default('created_at'),
    )
    .addOption(new Option('--direction <way>', 'which way').choices(['asc', 'desc']).default('asc'))
    .option('--since <time>', 'of what orders them (coord: created_at), as in 2026-01-31T12:00:00Z')
    .option('--until <time>', 'before this time')
    .action((options: ListOptions) => run(async (context) => (await lists()).list(context, options)));
  narrowed(program.command('count'))
    .description('Count memories')
    .action((options: Narrowing) => run(async (context) => (await lists()).count(context, options)));
  paged(program.command('range'))
    .description('List the memories whose numbers are inside a box. Example: soma range -1,0 10,10')
    .argument('<min>', 'the least of each number', unmarked)
    .argument('<max>', 'the greatest of each number', unmarked)
    .action((min: string, max: string, options: PageOptions) =>
      run(async (context) => (await lists()).range(context, min, max, options)),
    );
  paged(program.command('history'))
    .description('List the versions of a memory, newest first')
    .argument('<coord>', 'where', unmarked)
    .action((coord: string, options: PageOptions) =>
      run(async (context) => (await lists()).history(context, coord, options)),
    );
}

function narrowed(command: Command): Command {
  return command
    .option('--user-id <id>', 'of this user', unmarked)
    .option('--agent-id <id>', 'of this agent', unmarked)
    .option('--thread-id <id>', 'of this conversation', unmarked)
    .addOption(new Option('--memory-type <type>', 'of this type').choices(['episodic', 'semantic']))
    .option('--tag <tag>', 'with this tag', unmarked)
    .option('--filters <json>', 'only memories that pass, as in \'{"topic": "tea"}\'');
}

function paged(command: Command): Command {
  return command
    .option('--limit <n>', 'most to show', count, 50)
    .option('--cursor <cursor>', 'go on where a former page of the same command ended', unmarked);
}
