import type { ExitCode } from './exit-codes.js';
import type { Api } from './api.js';
import type { Settings } from './settings.js';
import type { Terminal } from './terminal.js';

/** What every command works with. */
export interface CommandContext {
  api: Api;
  settings: Settings;
  terminal: Terminal;
  /** Answers as JSON instead of tables and sentences. */
  json: boolean;
  /** Milliseconds between looks at a job. */
  pollMs: number;
}

/** The answer as JSON where that was asked for, else as `text` makes it. */
export function show(context: CommandContext, answer: unknown, text: () => string): void {
  context.terminal.out(context.json ? JSON.stringify(answer, null, 2) : text());
}

/** Does a command once the line is understood; what a command needs is loaded then, so that --help is quick. */
export type Run = (work: (context: CommandContext) => Promise<ExitCode> | Promise<void>) => Promise<void>;
