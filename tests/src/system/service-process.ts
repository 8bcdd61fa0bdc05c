import { spawn, type ChildProcess, type Serializable } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** The checkout, from src/system and dist/system alike. */
export const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** The newest output that is kept for messages. */
const MAX_OUTPUT = 64 * 1024;

export interface ServiceProcessOptions {
  /** A built module that Node loads before the service's own; the two processes then have a channel for messages. */
  preload?: string;
}

/** One process of the product, its output held back until somebody asks. */
export class ServiceProcess {
  readonly name: string;
  readonly #child: ChildProcess;
  #output = '';

  /** @param name folder under services/, whose built main.js is run */
  constructor(name: string, env: Record<string, string>, { preload }: ServiceProcessOptions = {}) {
    this.name = name;
    const preloading = preload === undefined ? [] : ['--import', pathToFileURL(preload).href];
    this.#child = spawn(process.execPath, [...preloading, `services/${name}/dist/main.js`], {
      cwd: ROOT,
      // Settings of the one who runs the tests must not reach what is tested.
      env: { ...withoutSettings(process.env), ...env },
      stdio: ['ignore', 'pipe', 'pipe', ...(preload === undefined ? [] : (['ipc'] as const))],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#output = (this.#output + text).slice(-MAX_OUTPUT);
      });
    }
    const killOnExit = () => this.#child.kill('SIGKILL');
    process.once('exit', killOnExit);
    this.#child.once('exit', () => process.off('exit', killOnExit));
  }

  /** Copies the output there as it comes. */
  pipeTo(target: NodeJS.WritableStream): void {
    this.#child.stdout?.pipe(target, { end: false });
    this.#child.stderr?.pipe(target, { end: false });
  }

  get pid(): number {
    return this.#child.pid ?? -1;
  }

  /** The end of stdout and stderr together. */
  get output(): string {
    return this.#output;
  }

  get ended(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** Exit code once it ended and all output is read; null after a signal. */
  async exit(): Promise<number | null> {
    if (!this.ended) await once(this.#child, 'close');
    return this.#child.exitCode;
  }

  /** To the preloaded module; a process that has ended hears nothing. */
  tell(message: Serializable): void {
    if (this.#child.connected) this.#child.send(message, () => undefined);
  }

  /** What the preloaded module says, until the returned function is called. */
  onMessage(listener: (message: unknown) => void): () => void {
    this.#child.on('message', listener);
    return () => this.#child.off('message', listener);
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  async kill(): Promise<void> {
    this.signal('SIGKILL');
    await this.exit();
  }

  /** SIGTERM; the exit code, 0 when all went well. */
  async stop(): Promise<number | null> {
    this.signal('SIGTERM');
    return this.exit();
  }
}

function withoutSettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => !name.startsWith('SOMA_') && name !== 'NODE_OPTIONS'),
  );
}
