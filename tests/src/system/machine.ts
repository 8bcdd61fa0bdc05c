import { accessSync, constants, existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

/** What some tests need of the machine beside Node. */
export const PARTS = ['kafka', 'redis', 'python'] as const;
export type Part = (typeof PARTS)[number];

/** Why a part cannot be had here; undefined when it can. */
export function whyMissing(part: Part): string | undefined {
  if (part === 'redis') return hasProgram('redis-server') ? undefined : 'redis-server is not installed';
  if (part === 'python') return hasProgram('python3') ? undefined : 'python3 is not installed';
  if (!hasProgram('java')) return 'java is not installed';
  if (hasKafkaJars() || hasProgram('mvn')) return undefined;
  return "Kafka's jars are not in the cache, and mvn, which would fetch them, is not installed";
}

/** The parts that SOMA_TEST_REQUIRE, a list with commas, names: missing, they are a failure and not a gap. */
export function requiredParts(env: NodeJS.ProcessEnv): Part[] {
  const names = (env['SOMA_TEST_REQUIRE'] ?? '').split(',').map((name) => name.trim());
  return PARTS.filter((part) => names.includes(part));
}

function hasKafkaJars(): boolean {
  const given = process.env['SOMA_KAFKA_LIB'];
  return existsSync(given ?? join(homedir(), '.cache', 'soma', 'kafka-4.1.0', 'lib'));
}

function hasProgram(name: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
