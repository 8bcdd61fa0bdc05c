/** What `soma` ends with. `soma --help` and the README list them. */
export const EXIT = {
  ok: 0,
  /** The service said no, a job failed, or `doctor` or `schema check` found something wrong. */
  refused: 1,
  /** The command line, a setting or a file is wrong; nothing was sent. */
  usage: 2,
  /** Nobody answers at the URL. */
  unreachable: 3,
  /** `verify` found differences that stay; `erase --check` found what remains. */
  differences: 4,
  /** Ctrl-C: 128 + SIGINT. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export const EXIT_HELP = `
Exit codes:
  0    done
  1    refused by the service, the job failed, or doctor or schema check found something wrong
  2    the command line or a setting is wrong; nothing was sent
  3    the service is not reachable
  4    verify: differences found that stay; erase --check: something remains
  130  stopped by Ctrl-C; a job that was watched goes on`;

/** Ends the command with a sentence for whoever typed it. */
export class CommandFailed extends Error {
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}
