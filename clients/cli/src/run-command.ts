import { CommanderError } from 'commander';
import { createProgram } from './program.js';
import { CommandFailed, EXIT, type ExitCode } from './exit-codes.js';
import { markCoords } from './negative-coords.js';
import type { Terminal } from './terminal.js';

export interface RunOptions {
  /** Milliseconds between looks at a job. */
  pollMs?: number;
}

/** Runs one command line, without the program's own name. @returns the exit code */
export async function runCommand(
  line: readonly string[],
  terminal: Terminal,
  { pollMs = 500 }: RunOptions = {},
): Promise<ExitCode> {
  let exitCode: ExitCode = EXIT.ok;
  const program = createProgram(terminal, pollMs, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(markCoords(line), { from: 'user' });
    return exitCode;
  } catch (error) {
    // Commander has said what was wrong with the line; asking for help or the version is no failure.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    if (!(error instanceof CommandFailed)) throw error;
    terminal.note(`soma: ${error.message}`);
    return error.exitCode;
  }
}
