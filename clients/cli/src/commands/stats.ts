import { show, type CommandContext } from '../command-context.js';
import { resultText } from '../result-text.js';

export async function stats(context: CommandContext): Promise<void> {
  const { body } = await context.api.call<Record<string, unknown>>('GET', '/stats', { anonymous: true });
  show(context, body, () => resultText(body));
}
