import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { freePort } from './free-port.js';

export interface KafkaOptions {
  /** Default 1. */
  brokers?: number;
  /**
   * Brokers, from the first on, that are controllers too. Default 1: the first is then the controller of all, and not
   * the one to kill or pause. With 3 any one of them may go.
   */
  controllers?: number;
  /**
   * A second door of each broker, in their order: it listens on `port` and sends its clients to `advertisedPort`, where
   * a proxy stands.
   */
  proxied?: { port: number; advertisedPort: number }[];
  /** One for each broker; default free ones. */
  ports?: number[];
  /** Kept over restarts; default a temporary folder that `stop` removes. */
  dataDir?: string;
  /** A further door of each broker, in their order: a listener SECURED of SASL_SSL, whose certificate `settings` name. */
  securedPorts?: number[];
  /** Users of SCRAM, as StorageTool's --add-scram takes them. */
  scramUsers?: string[];
  /** Further settings of server.properties. */
  settings?: Record<string, string>;
  /** Further options of Java. */
  javaOptions?: string[];
}

export interface Broker {
  id: number;
  port: number;
  folder: string;
  /** Absent: no controller. */
  controllerPort?: number;
  proxied?: { port: number; advertisedPort: number };
  securedPort?: number;
}

const CLUSTER_ID = 'c29tYWtyYWZ0Y2x1c3Rlcg';
export async function planOf(index: number, folder: string, options: KafkaOptions): Promise<Broker> {
  const proxied = options.proxied?.[index];
  const securedPort = options.securedPorts?.[index];
  return {
    id: index + 1,
    port: options.ports?.[index] ?? (await freePort()),
    folder: join(folder, `broker-${index + 1}`),
    ...(index < (options.controllers ?? 1) ? { controllerPort: await freePort() } : {}),
    ...(proxied === undefined ? {} : { proxied }),
    ...(securedPort === undefined ? {} : { securedPort }),
  };
}

function propertiesOf(
  broker: Broker,
  brokers: Broker[],
  settings: Record<string, string>,
): Record<string, string> {
  const { port, controllerPort, proxied, securedPort } = broker;
  const secured = securedPort === undefined ? [] : [`SECURED://127.0.0.1:${securedPort}`];
  const replicas = String(Math.min(3, brokers.length));
  const voters = brokers.flatMap(({ id, controllerPort: at }) =>
    at === undefined ? [] : [`${id}@127.0.0.1:${at}`],
  );
  const listeners = [
    `PLAINTEXT://127.0.0.1:${port}`,
    ...(proxied === undefined ? [] : [`PROXIED://127.0.0.1:${proxied.port}`]),
    ...secured,
    ...(controllerPort === undefined ? [] : [`CONTROLLER://127.0.0.1:${controllerPort}`]),
  ];
  const advertised = [
    `PLAINTEXT://127.0.0.1:${port}`,
    ...(proxied === undefined ? [] : [`PROXIED://127.0.0.1:${proxied.advertisedPort}`]),
    ...secured,
  ];
  return {
    'process.roles': controllerPort === undefined ? 'broker' : 'broker,controller',
    'node.id': String(broker.id),
    'controller.quorum.voters': voters.join(','),
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    'listener.security.protocol.map':
      'PLAINTEXT:PLAINTEXT,PROXIED:PLAINTEXT,SECURED:SASL_SSL,CONTROLLER:PLAINTEXT',
    listeners: listeners.join(','),
    'advertised.listeners': advertised.join(','),
    'log.dirs': join(broker.folder, 'data'),
    // With one controller internal topics live on its broker, which is where one replica is put first.
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
export async function format(
  lib: string,
  broker: Broker,
  brokers: Broker[],
  { settings = {}, scramUsers = [] }: KafkaOptions,
): Promise<void> {
  await mkdir(broker.folder, { recursive: true });
  const properties = Object.entries(propertiesOf(broker, brokers, settings));
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
    ...scramUsers.flatMap((user) => ['--add-scram', user]),
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
