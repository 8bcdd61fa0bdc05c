import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import kafkajs from 'kafkajs';
import { end, isRunning, run, type RunningBroker } from './kafka-broker.js';
import { kafkaJars } from './kafka-jars.js';
import { format, planOf, type Broker, type KafkaOptions } from './kafka-settings.js';

export interface RunningKafka {
  /** host:port of each broker. */
  brokers: string[];
  /** Has `broker-1` and so on, each with its `data` and `output.log`. */
  folder: string;
  /** SIGKILL; `restart` brings the broker back on its port and folder. */
  kill(broker: number): Promise<void>;
  restart(broker: number): Promise<void>;
  /** SIGSTOP and SIGCONT: connections stand, answers do not come. */
  pause(broker: number): void;
  resume(broker: number): void;
  /** Brokers that do not run, whoever ended them, each with the end of its output. */
  ended(): Promise<string[]>;
  /** With a dataDir of its own Kafka shuts down in order; else it is killed and its folder removed. */
  stop(): Promise<void>;
}

/** Seconds on an idle machine; several brokers on a busy one take their time. */
const START_TIMEOUT_MS = 180_000;
/** Of each broker. */
const HEAP = '-Xmx384m';

/**
 * A real Kafka in KRaft mode on 127.0.0.1, without security.
 * @throws ENOENT when java, or with a first start mvn, is not installed
 */
export async function startKafka(options: KafkaOptions = {}): Promise<RunningKafka> {
  await requireJava();
  const lib = await kafkaJars();
  const folder = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'soma-kafka-')));
  const brokers = await Promise.all(
    Array.from({ length: options.brokers ?? 1 }, (_, index) => planOf(index, folder, options)),
  );
  await Promise.all(brokers.map((broker) => format(lib, broker, brokers, options)));
  const running = new Map<number, RunningBroker>();
  const start = async (broker: Broker): Promise<void> => {
    running.set(broker.id, await run(lib, broker, [HEAP, ...(options.javaOptions ?? [])]));
  };
  const found = (index: number): { broker: Broker; server: RunningBroker } => {
    const broker = brokers[index];
    const server = broker === undefined ? undefined : running.get(broker.id);
    if (broker === undefined || server === undefined) throw new Error(`no broker ${index}`);
    return { broker, server };
  };
  const stop = async (): Promise<void> => {
    const signal = options.dataDir === undefined ? 'SIGKILL' : 'SIGTERM';
    await Promise.all([...running.values()].reverse().map((server) => end(server, signal)));
    if (options.dataDir === undefined) await rm(folder, { recursive: true, force: true });
  };
  try {
    await Promise.all(brokers.map(start));
    for (const broker of brokers) await untilReady(brokers, broker, running);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    brokers: brokers.map(({ port }) => `127.0.0.1:${port}`),
    folder,
    kill: (index) => end(found(index).server, 'SIGKILL'),
    restart: async (index) => {
      const { broker } = found(index);
      await start(broker);
      await untilReady(brokers, broker, running);
    },
    pause: (index) => void process.kill(found(index).server.pid, 'SIGSTOP'),
    resume: (index) => void process.kill(found(index).server.pid, 'SIGCONT'),
    ended: () => {
      const gone = brokers.filter(({ id }) => {
        const pid = running.get(id)?.pid;
        return pid === undefined || !isRunning(pid);
      });
      return Promise.all(gone.map(async (broker) => (await failure(broker, `${broker.id} ended`)).message));
    },
    stop,
  };
}

async function requireJava(): Promise<void> {
  await once(spawn('java', ['-version'], { stdio: 'ignore' }), 'exit');
}

/** The broker is registered with the controller and counts as alive. */
async function untilReady(
  brokers: Broker[],
  broker: Broker,
  running: Map<number, RunningBroker>,
): Promise<void> {
  const { Kafka, logLevel } = kafkajs;
  // Controllers know who is there; the one that starts answers for itself as well when it is one of several.
  const asked = brokers.filter(({ controllerPort }) => controllerPort !== undefined);
  const admin = new Kafka({
    brokers: (asked.includes(broker) ? [broker] : asked).map(({ port }) => `127.0.0.1:${port}`),
    logLevel: logLevel.NOTHING,
    retry: { retries: 0 },
  }).admin();
  const ready = async (): Promise<boolean> => {
    await admin.connect();
    return (await admin.describeCluster()).brokers.some(({ nodeId }) => nodeId === broker.id);
  };
  const deadline = Date.now() + START_TIMEOUT_MS;
  try {
    while (!(await ready().catch(() => false))) {
      const pid = running.get(broker.id)?.pid;
      if (pid === undefined || !isRunning(pid)) throw await failure(broker, 'ended while it started');
      if (Date.now() > deadline) throw await failure(broker, `was not ready within ${START_TIMEOUT_MS} ms`);
      await delay(50);
    }
  } finally {
    await admin.disconnect();
  }
}

async function failure({ folder }: Broker, what: string): Promise<Error> {
  const output = await readFile(join(folder, 'output.log'), 'utf8');
  return new Error(`Kafka ${what}\n${output.slice(-2_000)}`);
}
