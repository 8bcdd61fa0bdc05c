import { isSomaError } from '@soma/memory';
import type { z } from 'zod';
import type { logSettings, shutdownSettings } from './common-settings.js';
import { createLogger, type Logger } from './logger.js';
import { settingNames } from './setting.js';
import { loadSettings, type Environment } from './settings.js';
import { warnOfUnknownSettings } from './unknown-settings.js';

/** What `start` makes: something that runs until it is stopped. */
export interface Running {
  stop(): Promise<void>;
}

export interface ProcessContext {
  logger: Logger;
  /** Aborted when the process is asked to end, so that a start that waits for something can give up. */
  signal: AbortSignal;
  /** For what cannot go on and has nobody to throw to: stops what runs, then exits 1. */
  readonly crash: (error: unknown) => void;
}

/** What the frame itself reads; every schema spreads at least these. */
type FrameSchema = z.ZodObject<typeof logSettings & typeof shutdownSettings>;

export interface ProcessOptions<Schema extends FrameSchema> {
  /** As in logs and messages: "writer". */
  name: string;
  /** All settings of the process. */
  settings: Schema;
  /** Names of settings of other processes that may stand in this one's environment, as `settingNames` gives them. */
  knownSettings?: readonly string[];
  /** A rejection ends the process with 1; a SomaError is shown as its message, anything else with its stack. */
  start(settings: z.output<Schema>, context: ProcessContext): Promise<Running>;
  /** The process itself; tests give another. */
  host?: ProcessHost;
}

/** What of Node's `process` is used here. */
export interface ProcessHost {
  readonly env: Environment;
  readonly stderr: { write(text: string): unknown };
  on(event: string, listener: (value: unknown) => void): unknown;
  exit(code: number): void;
}

/**
 * The life of a process: start; run until SIGTERM or SIGINT; stop within SOMA_SHUTDOWN_GRACE seconds and exit 0.
 * It exits 1 when the start fails, at a second signal, when the stop is overdue or fails, after `crash`, and at
 * once after an uncaught exception or rejection, because what state it is in is then unknown.
 */
export async function runProcess<Schema extends FrameSchema>(options: ProcessOptions<Schema>): Promise<void> {
  const { name, host = process } = options;
  let settings: z.output<Schema>;
  try {
    settings = loadSettings(options.settings, host.env);
  } catch (error) {
    host.stderr.write(startFailure(name, error));
    host.exit(1);
    return;
  }
  const frame = settings as z.output<FrameSchema>;
  const logger = createLogger({ service: name, level: frame.SOMA_LOG_LEVEL, format: frame.SOMA_LOG_FORMAT });
  const known = [...settingNames(options.settings), ...(options.knownSettings ?? [])];
  for (const warning of warnOfUnknownSettings(known, host.env)) logger.warn(warning);
  const lifetime = new Lifetime(name, logger, host, frame.SOMA_SHUTDOWN_GRACE * 1_000);
  await lifetime.run((context) => options.start(settings, context));
}

type Start = (context: ProcessContext) => Promise<Running>;

class Lifetime {
  readonly #ending = new AbortController();
  #started: Promise<Running | undefined> = Promise.resolve(undefined);
  #crashed = false;
  #overdue: NodeJS.Timeout | undefined;

  constructor(
    readonly name: string,
    readonly logger: Logger,
    readonly host: ProcessHost,
    readonly graceMs: number,
  ) {}

  async run(start: Start): Promise<void> {
    const { host, logger } = this;
    for (const event of ['uncaughtException', 'unhandledRejection']) {
      host.on(event, (error) => {
        logger.fatal({ err: error }, event);
        this.#exit(1);
      });
    }
    for (const name of ['SIGTERM', 'SIGINT']) {
      host.on(name, () => {
        this.#onSignal(name);
      });
    }
    // Later, so that a crash inside `start` finds what it has to wait for.
    this.#started = Promise.resolve().then(() => this.#start(start));
    await this.#started;
  }

  async #start(start: Start): Promise<Running | undefined> {
    const crash = (error: unknown): void => {
      this.logger.fatal({ err: error }, 'cannot go on');
      this.#crashed = true;
      void this.#end();
    };
    try {
      const running = await start({ logger: this.logger, signal: this.#ending.signal, crash });
      this.logger.info('started');
      return running;
    } catch (error) {
      if (this.#ending.signal.aborted) {
        this.logger.info({ err: error }, 'the start was given up');
        return undefined;
      }
      if (isSomaError(error)) this.host.stderr.write(startFailure(this.name, error));
      else this.logger.fatal({ err: error }, 'the start failed');
      this.#exit(1);
      return undefined;
    }
  }

  #onSignal(name: string): void {
    if (this.#ending.signal.aborted) {
      this.logger.warn({ signal: name }, 'asked a second time: ending at once');
      this.#exit(1);
      return;
    }
    this.logger.info({ signal: name }, 'stopping');
    void this.#end();
  }

  async #end(): Promise<void> {
    if (this.#ending.signal.aborted) return;
    this.#ending.abort();
    this.#overdue = setTimeout(() => {
      this.logger.error({ grace_ms: this.graceMs }, 'the stop is overdue: ending without it');
      this.#exit(1);
    }, this.graceMs);
    try {
      const running = await this.#started;
      await running?.stop();
      this.logger.info('stopped');
      this.#exit(this.#crashed ? 1 : 0);
    } catch (error) {
      this.logger.fatal({ err: error }, 'the stop failed');
      this.#exit(1);
    }
  }

  #exit(code: number): void {
    clearTimeout(this.#overdue);
    this.host.exit(code);
  }
}

/** A sentence for people: no stack, because nothing is wrong with the program. */
function startFailure(name: string, error: unknown): string {
  if (!isSomaError(error)) return `${name} cannot start: ${String(error)}\n`;
  const lines = [`${name} cannot start (${error.code}).`, error.message];
  for (let cause = error.cause; cause instanceof Error; cause = cause.cause)
    lines.push(`  because: ${cause.message}`);
  return `${lines.join('\n')}\n`;
}
