import type { Command } from 'commander';
import type { CommandContext, Run } from './command-context.js';
import type { PolicyOptions } from './commands/retention.js';
import { CommandFailed, EXIT } from './exit-codes.js';
import { count, countOrNone, share } from './option-values.js';

/** What namespaces let go of by themselves. */
export function addRetention(program: Command, run: Run): void {
  const load = () => import('./commands/retention.js');
  const retention = program.command('retention').description('What namespaces let go of by themselves');
  retention
    .command('show')
    .description('List the policies; with --namespace show one whole')
    .action(() =>
      run(async (context) => (await load()).list(context, program.opts<{ namespace?: string }>().namespace)),
    );
  withPolicyOptions(retention.command('set'))
    .description(
      'Set the policy of a namespace; tries it first and asks. It is enforced at once and then regularly',
    )
    .option('--yes', 'do not ask')
    .action((options: PolicyOptions) =>
      run(async (context) => (await load()).set(context, namespaceOf(context), options)),
    );
  retention
    .command('remove')
    .description('Let a namespace keep everything')
    .action(() => run(async (context) => (await load()).remove(context, namespaceOf(context))));
  withPolicyOptions(retention.command('try'))
    .description('Show what a policy would delete now and why; without options the one that is set')
    .action((options: PolicyOptions) =>
      run(async (context) => (await load()).tryOut(context, namespaceOf(context), options)),
    );
}

function withPolicyOptions(command: Command): Command {
  return command
    .option('--ttl <seconds>', 'what was last written longer ago goes', count)
    .option('--max-memories <n>', 'of more, the least goes', countOrNone)
    .option(
      '--half-life <duration>',
      'a score is the importance, halved each 30m, 12h, 7d, 4w since it was written',
    )
    .option('--min-score <score>', 'what has a lower score goes', share)
    .option(
      '--accesses',
      'what is read or found lasts longer; the service has to count with SOMA_ACCESS_COUNTS',
    );
}

/** What deletes by itself is not left to a default that nobody named. */
function namespaceOf({ settings }: CommandContext): string {
  if (settings.namespace !== undefined) return settings.namespace.value;
  throw new CommandFailed(EXIT.usage, 'retention wants a namespace named: --namespace or SOMA_NAMESPACE');
}
