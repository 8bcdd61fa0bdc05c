import { InvalidArgumentError, Option, type Command } from 'commander';
import type { AuditOptions } from './commands/audit.js';
import type { QuotaOptions } from './commands/quotas.js';
import type { CreateOptions, ListOptions } from './commands/tokens.js';
import type { Run } from './command-context.js';
import { count } from './option-values.js';

const RATE_CLASSES = ['read', 'write', 'search', 'admin'];

/** Commands about who may; they want a token of the role admin that enters every namespace. */
export function addAccessCommands(program: Command, run: Run): void {
  addTokens(program, run);
  addAudit(program, run);
  addQuotas(program, run);
}

function addTokens(program: Command, run: Run): void {
  const load = () => import('./commands/tokens.js');
  const tokens = program.command('tokens').description('Who is let in beside the token of SOMA_API_TOKEN');
  tokens
    .command('create')
    .description('Make a token; its secret is shown once')
    .argument('<description>', 'what it is for')
    .addOption(
      new Option('--role <role>', 'what it may do').choices(['reader', 'writer', 'admin']).default('writer'),
    )
    .requiredOption('--namespaces <names>', 'those it may enter, comma-separated; * for all', names)
    .option('--user-id <user>', 'it sees and changes the memories of this user alone')
    .option('--ttl <seconds>', 'it ends after so long', count)
    .option(
      '--rate <class=n>',
      'requests a second of read, write, search or admin; may be given several times',
      rate,
    )
    .action((description: string, options: CreateOptions) =>
      run(async (context) => (await load()).create(context, description, options)),
    );
  tokens
    .command('list')
    .description('List them, newest first; never their secrets')
    .option('--ended', 'revoked and expired ones too')
    .option('--limit <n>', 'most to show', count, 50)
    .option('--cursor <cursor>', 'go on where a former list ended')
    .action((options: ListOptions) => run(async (context) => (await load()).list(context, options)));
  tokens
    .command('rotate')
    .description('Give one another secret; the former one still opens for a while')
    .argument('<id>')
    .option(
      '--overlap <seconds>',
      'how long the former secret still opens; 0 ends it now',
      wholeNumber,
      86_400,
    )
    .action((id: string, { overlap }: { overlap: number }) =>
      run(async (context) => (await load()).rotate(context, id, overlap)),
    );
  tokens
    .command('revoke')
    .description('End tokens now')
    .argument('<ids...>')
    .action((ids: string[]) => run(async (context) => (await load()).revoke(context, ids)));
}

function addAudit(program: Command, run: Run): void {
  program
    .command('audit')
    .description('What operators did, newest first')
    .option('--subject <subject>', 'by this one, as api-token or token:<id>')
    .option('--action <action>', 'of this kind, an operationId such as revokeToken')
    .option('--since <time>', 'from then on, RFC 3339')
    .option('--limit <n>', 'most to show', count, 50)
    .option('--cursor <cursor>', 'go on where a former list ended')
    .action((options: AuditOptions) =>
      run(async (context) => (await import('./commands/audit.js')).audit(context, options)),
    );
}

function addQuotas(program: Command, run: Run): void {
  const load = () => import('./commands/quotas.js');
  const quotas = program.command('quotas').description('How much namespaces may hold');
  quotas
    .command('list')
    .description('List namespaces that have one, with what they hold')
    .option('--limit <n>', 'most to show', count, 50)
    .option('--cursor <cursor>', 'go on where a former list ended')
    .action((options: { limit: number; cursor?: string }) =>
      run(async (context) => (await load()).list(context, options)),
    );
  quotas
    .command('show')
    .description('What a namespace holds, and may hold')
    .argument('<name>')
    .action((name: string) => run(async (context) => (await load()).inspect(context, name)));
  quotas
    .command('set')
    .description('Say how much a namespace may hold')
    .argument('<name>')
    .option('--memories <n>', 'most memories', wholeNumber)
    .option('--bytes <n>', 'most bytes of payloads and texts', wholeNumber)
    .action((name: string, options: QuotaOptions) =>
      run(async (context) => (await load()).set(context, name, options)),
    );
  quotas
    .command('remove')
    .description('Let a namespace hold any number again')
    .argument('<name>')
    .action((name: string) => run(async (context) => (await load()).remove(context, name)));
}

function names(word: string): string[] {
  return word.split(',').map((name) => name.trim());
}

function rate(word: string, before: Record<string, number> | undefined): Record<string, number> {
  const [name = '', quota = ''] = word.split('=');
  if (!RATE_CLASSES.includes(name))
    throw new InvalidArgumentError(`It has to be one of ${RATE_CLASSES.join(', ')}, as in read=10.`);
  return { ...before, [name]: count(quota) };
}

/** A whole number from 0 on. */
function wholeNumber(word: string): number {
  const value = Number(word);
  if (Number.isSafeInteger(value) && value >= 0 && word.trim() !== '') return value;
  throw new InvalidArgumentError('It has to be a whole number from 0 on.');
}
