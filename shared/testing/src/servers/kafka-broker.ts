import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Broker } from './kafka-settings.js';

export interface RunningBroker {
  /** The shell that ends Java when this process ends, however it ends. */
  shell: ChildProcess;
  pid: number;
}

const STOP_TIMEOUT_MS = 15_000;

// The shell's input is a pipe from this process: when it closes, for whatever reason, Java is killed.
const RUN_JAVA = 'java "$@" </dev/null >"$SOMA_KAFKA_OUTPUT" 2>&1 & echo $!; cat >/dev/null; kill -9 $!';

export async function run(lib: string, broker: Broker, javaOptions: string[]): Promise<RunningBroker> {
  const properties = join(broker.folder, 'server.properties');
  const args = [...javaOptions, '-XX:+UseSerialGC', '-cp', `${lib}/*`, 'kafka.Kafka', properties];
  const shell = spawn('sh', ['-c', RUN_JAVA, 'sh', ...args], {
    stdio: ['pipe', 'pipe', 'ignore'],
    env: { ...process.env, SOMA_KAFKA_OUTPUT: join(broker.folder, 'output.log') },
  });
  const [line] = (await once(shell.stdout, 'data')) as [Buffer];
  shell.stdout.destroy();
  return { shell, pid: Number(line.toString().trim()) };
}

export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

export async function end({ shell, pid }: RunningBroker, signal: NodeJS.Signals): Promise<void> {
  const deadline = Date.now() + STOP_TIMEOUT_MS;
  if (isRunning(pid)) process.kill(pid, signal);
  while (isRunning(pid) && Date.now() < deadline) await delay(20);
  if (shell.exitCode !== null || shell.signalCode !== null) return;
  const exited = once(shell, 'exit');
  shell.stdin?.end();
  await exited;
}
