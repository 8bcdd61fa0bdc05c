import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { exists } from './exists.js';

const KAFKA_VERSION = '4.1.0';
/** A fetch takes seconds; a lock older than this was left by one that died. */
const LOCK_STALE_MS = 5 * 60_000;

const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>soma</groupId>
  <artifactId>kafka-server</artifactId>
  <version>1</version>
  <packaging>pom</packaging>
  <dependencies>
    <dependency>
      <groupId>org.apache.kafka</groupId>
      <artifactId>kafka_2.13</artifactId>
      <version>${KAFKA_VERSION}</version>
    </dependency>
  </dependencies>
</project>
`;

/**
 * The folder with Kafka's jars: SOMA_KAFKA_LIB, else a cache that Maven fills the first time.
 * @throws ENOENT when the jars are missing and mvn is not installed
 */
export async function kafkaJars(): Promise<string> {
  const given = process.env['SOMA_KAFKA_LIB'];
  if (given !== undefined) return given;
  const lib = join(homedir(), '.cache', 'soma', `kafka-${KAFKA_VERSION}`, 'lib');
  if (!(await exists(lib))) await fetchOnce(lib);
  return lib;
}

/** Several processes may find the jars missing at once: one fetches, the others wait. */
async function fetchOnce(lib: string): Promise<void> {
  const lock = `${lib}.lock`;
  await mkdir(dirname(lib), { recursive: true });
  while (!(await lockTaken(lock))) {
    await delay(200);
    if (await exists(lib)) return;
  }
  try {
    if (!(await exists(lib))) await fetchJars(lib);
  } finally {
    await rmdir(lock);
  }
}

async function lockTaken(lock: string): Promise<boolean> {
  try {
    await mkdir(lock);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    const { mtimeMs } = await stat(lock).catch(() => ({ mtimeMs: Date.now() }));
    if (Date.now() - mtimeMs > LOCK_STALE_MS) await rmdir(lock).catch(() => undefined);
    return false;
  }
}

/** Fetches beside the folder and renames, so that the folder is there whole or not at all. */
async function fetchJars(lib: string): Promise<void> {
  const pom = join(dirname(lib), 'pom.xml');
  const fetched = `${lib}.fetched`;
  await writeFile(pom, POM);
  await rm(fetched, { recursive: true, force: true });
  const args = ['-q', '-B', '-f', pom, 'dependency:copy-dependencies', `-DoutputDirectory=${fetched}`];
  const maven = spawn('mvn', args, { stdio: ['ignore', 'ignore', 'inherit'] });
  const [code] = (await once(maven, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`mvn could not fetch Kafka ${KAFKA_VERSION}: it ended with ${code}`);
  await rename(fetched, lib);
}
