import { Argument, type Command } from 'commander';
import type { BatchOptions } from './commands/batch.js';
import type { SchemaCheckOptions } from './commands/schema/check.js';
import type { WatchOptions } from './commands/watch.js';
import type { Run } from './command-context.js';
import { unmarked } from './negative-coords.js';
import { batchSize, count } from './option-values.js';
import type { Terminal } from './terminal.js';

/** Commands that follow what happens, write much at once, and look after soma itself. */
export function addFollowingCommands(program: Command, run: Run, terminal: Terminal): void {
  program
    .command('watch')
    .summary('Show what changes, as it changes')
    .description('A line for each change until Ctrl-C; --json prints events whose id --after takes')
    .option('--after <id>', 'go on behind this event', unmarked)
    .option('--since <time>', 'begin at this time, as in 2026-01-31T12:00:00Z')
    .option('--user-id <id>', 'of this user', unmarked)
    .option('--filters <json>', 'only memories that pass, as in \'{"topic": "tea"}\'')
    .option('--count <n>', 'end after so many', count)
    .action((options: WatchOptions) =>
      run(async (context) => (await import('./commands/watch.js')).watch(context, options)),
    );
  program
    .command('batch')
    .summary('Do the writes of a file')
    .description(
      'Do a write for each line of JSON Lines ({"op": "put|patch|delete", "coord": …}; put unless told otherwise) or row of ' +
        'CSV (columns coord, text, tags, user_id …; others are fields of the payload). What was done of the same content ' +
        'within 8 days is not done again',
    )
    .argument('[file]', 'where from; absent or -, from the input', '-')
    .option('--csv', 'it is CSV, whatever its name')
    .option('--size <n>', 'writes of one request', batchSize, 500)
    .option('--again', 'do it, although the same content was done before')
    .action((file: string, options: BatchOptions) =>
      run(async (context) => (await import('./commands/batch.js')).batch(context, file, options)),
    );
  program
    .command('operation')
    .description('Show what became of a write')
    .argument('<id>', 'operation_id of what the write was answered with')
    .option('--wait', 'until that is known for good')
    .action((id: string, options: { wait?: boolean }) =>
      run(async (context) => (await import('./commands/operation.js')).operation(context, id, options)),
    );
  program
    .command('doctor')
    .summary('Find out what is wrong')
    .description('Look at settings, service, dependencies and token, and say what to do about what is wrong')
    .option('--write', 'also write, find and delete a memory')
    .action((options: { write?: boolean }) =>
      run(async (context) => (await import('./commands/doctor.js')).doctor(context, options)),
    );
  addSchema(program, run);
  program
    .command('completion')
    .description('Print a script that completes soma lines. Example: source <(soma completion bash)')
    .addArgument(new Argument('<shell>', 'whose').choices(['bash', 'zsh', 'fish']))
    .action(async (shell: string) => {
      const { completion } = await import('./commands/completion.js');
      terminal.out(completion(program, shell));
    });
}

function addSchema(program: Command, run: Run): void {
  program
    .command('schema')
    .description('For systems that produce to the topics themselves')
    .command('check')
    .summary('Find out whether records would be taken')
    .description(
      'Read records as the workers would, without asking any service: JSON (an object, or one a line), Avro in the ' +
        'Confluent wire format, or a schema of your own (.avsc). Example: soma schema check store.json',
    )
    .argument('<files...>', 'what to check; - for JSON from the input')
    .option('--keys', 'lines begin with the key and a tab; it is checked too')
    .option('--type <record>', 'the header record-type, for JSON that has no field type')
    .option('--registry <url>', 'schema registry that knows the ids of Avro records')
    .option('--partitions <n>', 'how many partitions the topics have', count, 24)
    .action((files: string[], options: SchemaCheckOptions) =>
      run(async (context) => (await import('./commands/schema/check.js')).check(context, files, options)),
    );
}
