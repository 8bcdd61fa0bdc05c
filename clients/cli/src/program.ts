import { Command } from 'commander';
import type { CommandContext, Run } from './command-context.js';
import { addAccessCommands } from './access-commands.js';
import { addDataCommands } from './data-commands.js';
import { addFollowingCommands } from './following-commands.js';
import { addGraphCommands } from './graph-commands.js';
import { EXIT_HELP, type ExitCode } from './exit-codes.js';
import { addOperatorCommands } from './operator-commands.js';
import { addReadingCommands } from './reading-commands.js';
import { SETTINGS_HELP, type GlobalOptions } from './settings.js';
import type { Terminal } from './terminal.js';

export function createProgram(terminal: Terminal, pollMs: number, end: (code: ExitCode) => void): Command {
  const program = new Command('soma')
    .description('Talks to a SomaFractalMemory service.')
    .option('--url <url>', 'where the service is')
    .option('--token <token>', 'bearer token')
    .option('--namespace <name>', 'the namespace to work in')
    .option('--json', 'print answers as JSON')
    .addHelpText('after', `${SETTINGS_HELP}\n${EXIT_HELP}`);
  prepare(program, terminal);
  const run: Run = async (work) => {
    const code = await work(await contextOf(program.opts<GlobalOptions>(), terminal, pollMs));
    if (typeof code === 'number') end(code);
  };
  addDataCommands(program, run);
  addReadingCommands(program, run);
  addGraphCommands(program, run);
  addFollowingCommands(program, run, terminal);
  addOperatorCommands(program, run);
  addAccessCommands(program, run);
  return program;
}

/** Before there are subcommands, which inherit it. */
function prepare(program: Command, { out, note, columns }: Terminal): void {
  program
    .exitOverride()
    .showHelpAfterError('(see soma --help)')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => {
        out(text.trimEnd());
      },
      writeErr: (text) => {
        note(text.trimEnd());
      },
      getOutHelpWidth: () => columns ?? 100,
      getErrHelpWidth: () => columns ?? 100,
    });
}

async function contextOf(
  options: GlobalOptions,
  terminal: Terminal,
  pollMs: number,
): Promise<CommandContext> {
  const [{ findSettings }, { Api }] = await Promise.all([import('./settings.js'), import('./api.js')]);
  const settings = await findSettings(options, terminal);
  return { api: new Api(settings), settings, terminal, json: options.json === true, pollMs };
}
