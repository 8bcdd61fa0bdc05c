import {
  makeDataDir,
  postgresPid,
  startCluster,
  startStandalone,
  startStores,
  whyMissing,
  type Stores,
  type System,
} from '@soma/tests/system';
import { measure, type Figures } from './measure.js';
import { residentMib } from './resident-memory.js';

export interface ProfileReport {
  profile: string;
  /** Seconds from the start of the processes until they are ready. */
  start: { first: number; later: number };
  figures: Figures;
  /** Mebibytes by process. */
  memory: { process: string; atRest: number | undefined; after: number | undefined }[];
}

/** No rate may be what is measured. */
export const UNLIMITED = Object.fromEntries(
  ['READ', 'WRITE', 'SEARCH', 'PUBLIC'].map((name) => [`SOMA_RATE_${name}`, '1000000']),
);

export async function reportStandalone(): Promise<ProfileReport> {
  const dataDir = await makeDataDir();
  const start = () => timed(() => startStandalone({ dataDir: dataDir.path, env: UNLIMITED }));
  try {
    const first = await start();
    await first.result.stop();
    const later = await start();
    const system = later.result;
    const pids = async () => ({ node: system.process.pid, postgres: (await postgresPid(dataDir.path)) ?? 0 });
    const report = await measured(system, pids);
    await system.stop();
    return { profile: 'standalone', start: { first: first.seconds, later: later.seconds }, ...report };
  } finally {
    await dataDir.remove();
  }
}

/** Why the cluster cannot run here; undefined when it can. */
export function whyNoCluster(): string | undefined {
  return whyMissing('kafka') ?? whyMissing('redis');
}

/** The stores run before and after; their start is theirs. */
export async function reportCluster(): Promise<ProfileReport> {
  const stores = await startDurableStores();
  const start = () => timed(() => startCluster({ stores, env: UNLIMITED }));
  try {
    const first = await start();
    await first.result.stop();
    const later = await start();
    const system = later.result;
    const pids = async () => Object.fromEntries(system.services.map(({ name, pid }) => [name, pid]));
    const report = await measured(system, pids);
    await system.stop();
    return { profile: 'cluster', start: { first: first.seconds, later: later.seconds }, ...report };
  } finally {
    await stores.stop();
  }
}

/** With Postgres as it comes: a commit is on disk when it is answered. */
export function startDurableStores(): Promise<Stores> {
  return startStores({ postgresSettings: {} });
}

async function measured(system: System, pids: () => Promise<Record<string, number>>) {
  const atRest = await memoryOf(await pids());
  const figures = await measure(system);
  const after = await memoryOf(await pids());
  const memory = Object.keys(atRest).map((process) => ({
    process,
    atRest: atRest[process],
    after: after[process],
  }));
  return { figures, memory };
}

async function memoryOf(pids: Record<string, number>): Promise<Record<string, number | undefined>> {
  const sizes = await Promise.all(
    Object.entries(pids).map(async ([name, pid]) => [name, await residentMib(pid)] as const),
  );
  return Object.fromEntries(sizes);
}

export async function timed<T>(work: () => Promise<T>): Promise<{ result: T; seconds: number }> {
  const started = performance.now();
  return { result: await work(), seconds: (performance.now() - started) / 1000 };
}
