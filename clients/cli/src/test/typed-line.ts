import { runCommand } from '../run-command.js';
import type { Terminal } from '../terminal.js';

export interface Typed {
  exitCode: number;
  /** What was printed as the result. */
  out: string;
  /** Progress, questions and errors. */
  notes: string;
}

export interface TypedOptions {
  env?: Record<string, string>;
  folder?: string;
  home?: string;
  input?: string;
  /** Of the screen; without it results go to a file. */
  columns?: number;
  /** Somebody sits there and answers questions so. */
  answer?: string;
  /** Called with every note; returning true is Ctrl-C. */
  interruptAt?: (note: string) => boolean;
}

/** Runs a command line as if it had been typed. */
export async function type(line: readonly string[], options: TypedOptions = {}): Promise<Typed> {
  const [out, notes]: [string[], string[]] = [[], []];
  const listeners = new Set<() => void>();
  const terminal: Terminal = {
    env: options.env ?? {},
    folder: options.folder ?? '/nowhere',
    home: options.home ?? '/nowhere',
    columns: options.columns,
    interactive: options.answer !== undefined,
    out: (text) => void out.push(text),
    note: (text) => {
      notes.push(text);
      if (options.interruptAt?.(text) === true) for (const listener of listeners) listener();
    },
    input: () => Promise.resolve(options.input ?? ''),
    ask: (question) => {
      notes.push(question);
      return Promise.resolve(options.answer ?? '');
    },
    onInterrupt: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  const exitCode = await runCommand(line, terminal, { pollMs: 1 });
  return { exitCode, out: out.join('\n'), notes: notes.join('\n') };
}
