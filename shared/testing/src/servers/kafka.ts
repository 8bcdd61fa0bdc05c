import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import kafkajs from 'kafkajs';
import { freePort } from './free-port.js';
import { kafkaJars } from './kafka-jars.js';

export interface KafkaOptions {
  /** Default 1. The first is the controller of all, so it is not the one to kill or pause. */
  brokers?: number;
  /** One for each broker; default free ones. */
  ports?: number[];
  /** Kept over restarts; default a temporary folder that `stop` removes. */
  dataDir?: string;
  /** Heap of each broker. Default 384. */
  heapMb?: number;
  /** Further settings of server.properties. */
  settings?: Record<string, string>;
}

export interface RunningKafka {
  /** host:port of each broker. */
  brokers: string[];
  /** SIGKILL; `restart` brings the broker back on its port and folder. */
  kill(broker: number): Promise<void>;
  restart(broker: number): Promise<void>;
  /** SIGSTOP and SIGCONT: connections stand, answers do not come. */
  pause(broker: number): void;
  resume(broker: number): void;
  /** With a dataDir of its own Kafka shuts down in order; else it is killed and its folder removed. */
  stop(): Promise<void>;
}

interface Broker {
  id: number;
  port: number;
  folder: string;
}

interface RunningBroker {
  /** The shell that ends Java when this process ends, however it ends. */
  shell: ChildProcess;
  pid: number;
}

const CLUSTER_ID = 'c29tYWtyYWZ0Y2x1c3Rlcg';
const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 15_000;

/**
 * A real Kafka in KRaft mode on 127.0.0.1, without security.
 * @throws ENOENT when java, or with a first start mvn, is not installed
 */
export async function startKafka(options: KafkaOptions = {}): Promise<RunningKafka> {
  await requireJava();
  const lib = await kafkaJars();
  const folder = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'soma-kafka-')));
  const brokers = await Promise.all(
    Array.from({ length: options.brokers ?? 1 }, async (_, index) => ({
      id: index + 1,
      port: options.ports?.[index] ?? (await freePort()),
      folder: join(folder, `broker-${index + 1}`),
    })),
  );
  const controllerPort = await freePort();
  const heap = `-Xmx${options.heapMb ?? 384}m`;
  await Promise.all(
    brokers.map((broker) => format(lib, broker, brokers, controllerPort, options.settings ?? {})),
  );
  const running = new Map<number, RunningBroker>();
  const start = async (broker: Broker): Promise<void> => {
    running.set(broker.id, await run(lib, broker, heap));
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
    kill: (index) => end(found(index).server, 'SIGKILL'),
    restart: async (index) => {
      const { broker } = found(index);
      await start(broker);
      await untilReady(brokers, broker, running);
    },
    pause: (index) => void process.kill(found(index).server.pid, 'SIGSTOP'),
    resume: (index) => void process.kill(found(index).server.pid, 'SIGCONT'),
    stop,
  };
}

async function requireJava(): Promise<void> {
  await once(spawn('java', ['-version'], { stdio: 'ignore' }), 'exit');
}

function propertiesOf(
  broker: Broker,
  brokers: Broker[],
  controllerPort: number,
  settings: Record<string, string>,
): Record<string, string> {
  const controller = broker.id === 1;
  const replicas = String(Math.min(3, brokers.length));
  return {
    'process.roles': controller ? 'broker,controller' : 'broker',
    'node.id': String(broker.id),
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    listeners: `PLAINTEXT://127.0.0.1:${broker.port}${controller ? `,CONTROLLER://127.0.0.1:${controllerPort}` : ''}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${broker.port}`,
    'log.dirs': join(broker.folder, 'data'),
    // Internal topics live on the broker that is never killed or paused, which is where one replica is put first.
    'offsets.topic.replication.factor': replicas,
    'offsets.topic.num.partitions': '4',
    'transaction.state.log.replication.factor': replicas,
    'transaction.state.log.min.isr': '1',
    'share.coordinator.state.topic.replication.factor': replicas,
    'share.coordinator.state.topic.min.isr': '1',
    'group.initial.rebalance.delay.ms': '0',
    'group.min.session.timeout.ms': '1000',
    'auto.create.topics.enable': 'false',
    'log.cleaner.enable': 'false',
    ...settings,
  };
}

/** Writes the settings and, in a folder that has none yet, Kafka's own files. */
async function format(
  lib: string,
  broker: Broker,
  brokers: Broker[],
  controllerPort: number,
  settings: Record<string, string>,
): Promise<void> {
  await mkdir(broker.folder, { recursive: true });
  const properties = Object.entries(propertiesOf(broker, brokers, controllerPort, settings));
  const file = join(broker.folder, 'server.properties');
  await writeFile(file, properties.map(([name, value]) => `${name}=${value}\n`).join(''));
  const formatted = await access(join(broker.folder, 'data', 'meta.properties')).then(
    () => true,
    () => false,
  );
  if (formatted) return;
  const args = [
    ...QUICK_JVM,
    '-cp',
    `${lib}/*`,
    'kafka.tools.StorageTool',
    'format',
    '-t',
    CLUSTER_ID,
    '-c',
    file,
  ];
  const tool = spawn('java', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const [[code], output] = await Promise.all([
    once(tool, 'exit') as Promise<[number | null]>,
    text(tool.stderr),
  ]);
  if (code !== 0) throw new Error(`Kafka's StorageTool ended with ${code}\n${output}`);
}

/** Short runs: no time spent on optimizing what runs once. */
const QUICK_JVM = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xshare:auto'];

// The shell's input is a pipe from this process: when it closes, for whatever reason, Java is killed.
const RUN_JAVA = 'java "$@" </dev/null >"$SOMA_KAFKA_OUTPUT" 2>&1 & echo $!; cat >/dev/null; kill -9 $!';

async function run(lib: string, broker: Broker, heap: string): Promise<RunningBroker> {
  const properties = join(broker.folder, 'server.properties');
  const args = [heap, '-XX:+UseSerialGC', '-cp', `${lib}/*`, 'kafka.Kafka', properties];
  const shell = spawn('sh', ['-c', RUN_JAVA, 'sh', ...args], {
    stdio: ['pipe', 'pipe', 'ignore'],
    env: { ...process.env, SOMA_KAFKA_OUTPUT: join(broker.folder, 'output.log') },
  });
  const [line] = (await once(shell.stdout, 'data')) as [Buffer];
  shell.stdout.destroy();
  return { shell, pid: Number(line.toString().trim()) };
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function end({ shell, pid }: RunningBroker, signal: NodeJS.Signals): Promise<void> {
  const deadline = Date.now() + STOP_TIMEOUT_MS;
  if (isRunning(pid)) process.kill(pid, signal);
  while (isRunning(pid) && Date.now() < deadline) await delay(20);
  if (shell.exitCode !== null || shell.signalCode !== null) return;
  const exited = once(shell, 'exit');
  shell.stdin?.end();
  await exited;
}

/** The broker is registered with the controller and counts as alive. */
async function untilReady(
  brokers: Broker[],
  broker: Broker,
  running: Map<number, RunningBroker>,
): Promise<void> {
  const { Kafka, logLevel } = kafkajs;
  const admin = new Kafka({
    brokers: brokers.slice(0, 1).map(({ port }) => `127.0.0.1:${port}`),
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
