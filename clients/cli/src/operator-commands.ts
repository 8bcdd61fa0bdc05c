import { Argument, Option, type Command } from 'commander';
import type { ListOptions } from './commands/dead-letters.js';
import type { EraseOptions } from './commands/erase.js';
import type { VerifyOptions } from './commands/projections.js';
import type { ReindexOptions } from './commands/reindex.js';
import { unmarked, unmarkedList } from './negative-coords.js';
import { count } from './option-values.js';
import type { Run } from './command-context.js';
import { addRetention } from './retention-commands.js';
import { PROJECTIONS, type Projection } from './projection.js';

/** Commands for who runs the service; they want a token of the role admin. */
export function addOperatorCommands(program: Command, run: Run): void {
  addDeadLetters(program, run);
  addProjections(program, run);
  addReindex(program, run);
  addErase(program, run);
  addRetention(program, run);
  addJobs(program, run);
  addLog(program, run);
}

/** What the command line itself names, not a default. */
function namedNamespace(program: Command): { namespace?: string } {
  const { namespace } = program.opts<{ namespace?: string }>();
  return namespace === undefined ? {} : { namespace };
}

function addDeadLetters(program: Command, run: Run): void {
  const load = () => import('./commands/dead-letters.js');
  const letters = program.command('dead-letters').description('Records that were refused for good');
  letters
    .command('list')
    .description('List them, newest first; of all namespaces unless --namespace names one')
    .addOption(
      new Option('--status <status>', 'which')
        .choices(['open', 'redriven', 'discarded', 'all'])
        .default('open'),
    )
    .option('--group <group>', 'refused by this consumer group')
    .option('--code <code>', 'refused with this code')
    .option('--topic <topic>', 'from this topic')
    .option('--limit <n>', 'most to show', count, 50)
    .option('--cursor <cursor>', 'go on where a former list ended')
    .action((options: ListOptions) =>
      run(async (context) => (await load()).list(context, { ...options, ...namedNamespace(program) })),
    );
  letters
    .command('show')
    .description('Show one whole, and what its memory is now')
    .argument('<id>')
    .action((id: string) => run(async (context) => (await load()).inspect(context, id)));
  letters
    .command('redrive')
    .description('Send records again, once what refused them is mended')
    .argument('<ids...>')
    .option('--force', 'also when the memory has changed since, or it was redriven before')
    .action((ids: string[], { force = false }: { force?: boolean }) =>
      run(async (context) => (await load()).redrive(context, ids, force)),
    );
  letters
    .command('discard')
    .description('Put records aside for good')
    .argument('<ids...>')
    .action((ids: string[]) => run(async (context) => (await load()).discard(context, ids)));
}

function addProjections(program: Command, run: Run): void {
  const load = () => import('./commands/projections.js');
  program
    .command('verify')
    .description('Compare projections with Postgres and print the differences; all three unless one is named')
    .addArgument(new Argument('[projection]').choices(PROJECTIONS))
    .option('--sample <n>', 'look at so many random memories instead of all', count)
    .option('--repair', 'mend what differs')
    .action((projection: Projection | undefined, options: VerifyOptions) =>
      run(async (context) => {
        const asked = projection === undefined ? PROJECTIONS : [projection];
        return (await load()).verify(context, asked, { ...options, ...namedNamespace(program) });
      }),
    );
  program
    .command('rebuild')
    .description('Make a projection anew from Postgres while writes go on, then compare')
    .addArgument(new Argument('<projection>').choices(PROJECTIONS))
    .action((projection: Projection) => run(async (context) => (await load()).rebuild(context, projection)));
}

function addReindex(program: Command, run: Run): void {
  program
    .command('reindex')
    .summary('Change the embedder while everything runs')
    .description(
      'Make the index with another embedder beside the one in use, compare it with Postgres, and let searches use it. ' +
        'The former one is kept until --finish',
    )
    .option('--embedder <name>', 'as SOMA_EMBEDDER')
    .option('--model <name>', 'as SOMA_EMBEDDER_MODEL')
    .option('--endpoint <url>', 'as SOMA_EMBEDDER_URL; --url says where the service is')
    .option('--dimension <n>', 'as SOMA_EMBEDDER_DIMENSION', count)
    .option('--rate <n>', 'embed so many texts a second at most', count)
    .option('--sample <n>', 'compare so many random memories instead of all', count)
    .option('--rollback', 'use the former embedder again')
    .option('--finish', 'let the former embedder go')
    .action((options: ReindexOptions) =>
      run(async (context) => (await import('./commands/reindex.js')).reindex(context, options)),
    );
}

function addErase(program: Command, run: Run): void {
  program
    .command('erase')
    .summary('Remove memories with their history, for good')
    .description(
      'Remove memories from Postgres, history, index, cache and dead letters, and tell when the topics have let go',
    )
    .option('--coord <coord>', 'this memory; may be given several times', unmarkedList)
    .option('--filters <json>', 'memories that pass')
    .option('--all', 'the whole namespace')
    .option('--at-most <n>', 'nothing is erased when more match', count)
    .option('--dry-run', 'only count')
    .option('--yes', 'do not ask')
    .option('--check', 'erase nothing: look for what still holds the memories')
    .action((options: EraseOptions) =>
      run(async (context) => (await import('./commands/erase.js')).erase(context, options)),
    );
}

function addJobs(program: Command, run: Run): void {
  const load = () => import('./commands/jobs.js');
  const jobs = program.command('jobs').description('Long work under way');
  jobs
    .command('list')
    .description('List jobs, newest first')
    .option('--limit <n>', 'most to show', count, 20)
    .action(({ limit }: { limit: number }) => run(async (context) => (await load()).list(context, limit)));
  jobs
    .command('show')
    .description('Show one with its result')
    .argument('<id>', 'its id', unmarked)
    .option('--watch', 'until it ends')
    .action((id: string, { watch = false }: { watch?: boolean }) =>
      run(async (context) => (await load()).inspect(context, id, watch)),
    );
  jobs
    .command('cancel')
    .description('End a job where it is')
    .argument('<id>', 'its id', unmarked)
    .action((id: string) => run(async (context) => (await load()).cancel(context, id)));
}

function addLog(program: Command, run: Run): void {
  program
    .command('log')
    .description('The event log')
    .command('accept')
    .description('Go on with a log that was made anew or cut, after workers stopped at it')
    .option('--yes', 'do not ask')
    .action(({ yes = false }: { yes?: boolean }) =>
      run(async (context) => (await import('./commands/log.js')).accept(context, yes)),
    );
}
