import { Option, type Command } from 'commander';
import type { LinkOptions, NeighborsOptions } from './commands/graph.js';
import type { Run } from './command-context.js';
import { unmarked } from './negative-coords.js';
import { count, positive } from './option-values.js';

const graph = () => import('./commands/graph.js');

/** Commands for links between memories. */
export function addGraphCommands(program: Command, run: Run): void {
  between(program.command('link'))
    .summary('Link two memories')
    .description(
      'Link two memories, replacing a link of that type. Example: soma link ada.tea ada.cup --type needs',
    )
    .option('--type <type>', 'what the link says', 'related')
    .option('--weight <n>', 'how strong it is; 1 unless told otherwise', positive)
    .option('--properties <json>', 'a JSON object that the link keeps')
    .addOption(new Option('--until <state>', 'what to wait for').choices(['accepted', 'stored', 'indexed']))
    .action((from: string, to: string, options: LinkOptions) =>
      run(async (context) => (await graph()).link(context, from, to, options)),
    );
  between(program.command('unlink'))
    .description('Remove a link')
    .option('--type <type>', 'of this type', 'related')
    .action((from: string, to: string, options: LinkOptions) =>
      run(async (context) => (await graph()).unlink(context, from, to, options)),
    );
  program
    .command('neighbors')
    .description('Show what is linked with a memory')
    .argument('<coord>', 'where to begin', unmarked)
    .option('--type <type>', 'along links of this type only')
    .addOption(new Option('--direction <way>', 'along links').choices(['out', 'in', 'both']).default('both'))
    .option('--depth <n>', 'most links to follow, 1 to 4', count, 1)
    .option('--limit <n>', 'most memories to show', count, 50)
    .action((coord: string, options: NeighborsOptions) =>
      run(async (context) => (await graph()).neighbors(context, coord, options)),
    );
  between(program.command('path'))
    .description('Show the cheapest way from one memory to another, where a link costs 1/weight')
    .option('--type <type>', 'along links of this type only')
    .option('--max-depth <n>', 'most links of the way, 1 to 6', count, 6)
    .action((from: string, to: string, options: { type?: string; maxDepth: number }) =>
      run(async (context) => (await graph()).path(context, from, to, options)),
    );
}

function between(command: Command): Command {
  return command.argument('<from>', 'the one', unmarked).argument('<to>', 'the other', unmarked);
}
