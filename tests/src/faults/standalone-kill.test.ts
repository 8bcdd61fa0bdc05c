import { describe, expect, test } from '@jest/globals';
import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { MemoryAnswer } from '../acceptance/answers.js';
import { Client, coordsOf, tokenOf } from '../acceptance/client.js';
import { makeDataDir, startStandalone, type Standalone } from '../system/index.js';

const ROUNDS = 20;
const WRITERS = 8;
const NAMESPACE = 'kept';

/** A write that was answered with 201, so must never be lost. */
interface Kept {
  coord: string;
  word: string;
}

/** One writer after the other's example: writes until the process is gone. Each answer's token covers all before it. */
async function writeUntilGone(client: Client, prefix: string, kept: Kept[]): Promise<string> {
  let token = '';
  for (let n = 0; ; n += 1) {
    const coord = `${prefix}-${n}`;
    const word = coord.replaceAll('-', 'x');
    try {
      const headers: Record<string, string> = token === '' ? {} : { 'Soma-Consistency-Token': token };
      const answer = await client.put(coord, { payload: { text: word } }, { headers });
      if (answer.status !== 201) continue;
      kept.push({ coord, word });
      token = tokenOf(answer);
    } catch {
      return token;
    }
  }
}

/** Writes from several sides, and kills the process at a random moment after the first 201. */
async function writeAndKill(system: Standalone, round: number): Promise<{ kept: Kept[]; tokens: string[] }> {
  const client = new Client({ namespace: NAMESPACE, target: system });
  const kept: Kept[] = [];
  const writers = Array.from({ length: WRITERS }, (_, side) =>
    writeUntilGone(client, `r${round}-s${side}`, kept),
  );
  while (kept.length === 0) await sleep(1);
  await sleep(randomInt(300));
  await system.process.kill();
  return { kept, tokens: await Promise.all(writers) };
}

async function missingOf(client: Client, kept: readonly Kept[]): Promise<string[]> {
  const missing: string[] = [];
  for (let start = 0; start < kept.length; start += 500) {
    const coords = kept.slice(start, start + 500).map(({ coord }) => coord);
    const { body } = await client.call<{ memories: (MemoryAnswer | null)[] }>('POST', '/memories/get', {
      json: { coords },
    });
    missing.push(...coords.filter((_, index) => body.memories[index] === null));
  }
  return missing;
}

/** The newest of each writer are the ones whose indexing the kill cut short. */
async function notFoundOf(
  client: Client,
  kept: readonly Kept[],
  tokens: readonly string[],
): Promise<string[]> {
  for (const token of tokens) {
    if (token === '') continue;
    const headers = { 'Soma-Consistency-Token': token, Prefer: 'wait=30' };
    expect((await client.search({ query: 'anything' }, headers)).status).toBe(200);
  }
  const answers = await Promise.all(
    kept.slice(-20).map(async ({ coord, word }) => {
      const found = await client.search({ query: word, mode: 'keyword', top_k: 1 });
      return coordsOf(found)[0] === coord ? [] : [coord];
    }),
  );
  return answers.flat();
}

describe('kill -9 of standalone', () => {
  test(
    `${ROUNDS} times between a 201 and anything else: every 201 is there and found`,
    async () => {
      const dataDir = await makeDataDir();
      const all: Kept[] = [];
      try {
        let system = await startStandalone({ dataDir: dataDir.path });
        for (let round = 0; round < ROUNDS; round += 1) {
          const { kept, tokens } = await writeAndKill(system, round);
          expect(kept.length).toBeGreaterThan(0);
          all.push(...kept);
          system = await startStandalone({ dataDir: dataDir.path });
          const client = new Client({ namespace: NAMESPACE, target: system });
          expect({ round, missing: await missingOf(client, all) }).toEqual({ round, missing: [] });
          expect({ round, notFound: await notFoundOf(client, kept, tokens) }).toEqual({
            round,
            notFound: [],
          });
        }
        await system.stop();
      } finally {
        await dataDir.remove();
      }
    },
    10 * 60_000,
  );
});
