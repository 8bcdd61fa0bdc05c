import { show, type CommandContext } from '../command-context.js';
import { CommandFailed, EXIT } from '../exit-codes.js';

/** Goes on with a log that was made anew or cut. */
export async function accept(context: CommandContext, yes: boolean): Promise<void> {
  if (!yes) await confirm(context);
  const { body } = await context.api.call<{ generation: number }>('POST', '/admin/log/accept');
  show(context, body, () => `the log is accepted as generation ${body.generation}`);
}

async function confirm({ terminal }: CommandContext): Promise<void> {
  if (!terminal.interactive) {
    throw new CommandFailed(EXIT.usage, 'nobody is here to ask, so log accept wants --yes');
  }
  terminal.note(
    'Workers will begin again at the start of the log as it is. Commands that the former log held and nobody had\n' +
      'carried out are given up, and consistency tokens made so far are refused.',
  );
  const answer = await terminal.ask('Write "accept" to go on: ');
  if (answer.trim() !== 'accept') throw new CommandFailed(EXIT.refused, 'the log was not accepted');
}
