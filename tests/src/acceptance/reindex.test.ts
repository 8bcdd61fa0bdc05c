import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { freePort } from '@soma/testing';
import { OwnEmbedder } from '../fault-suite/tools/embedder.js';
import { ServiceProcess, until } from '../system/index.js';
import { outagesOf } from './answers.js';
import { Client } from './client.js';
import { startOwnSystem, type OwnSystem } from './own-system.js';
import { run, SOMA, type Ended } from './run-program.js';

/** A limit against hanging, not a measure. */
const PATIENCE_MS = 60_000;
const SLOW = 300_000;
const HASH = { SOMA_EMBEDDER: 'hash' };

let embedder: OwnEmbedder;
let system: OwnSystem;
let client: Client;
const started: (() => Promise<void>)[] = [];
beforeAll(async () => {
  embedder = await OwnEmbedder.start();
  started.push(() => embedder.stop());
  system = await startOwnSystem(HASH);
  started.push(() => system.stop());
  client = new Client({ target: system.target });
}, 180_000);
afterAll(async () => {
  for (const stop of started.reverse()) await stop();
});

function soma(...line: string[]): Promise<Ended> {
  const { url, token } = system.target;
  return run(SOMA, line, { SOMA_URL: url, SOMA_API_TOKEN: token });
}

function reindexToEndpoint(): Promise<Ended> {
  const { model, dimension } = embedder;
  const endpoint = `http://127.0.0.1:${embedder.port}/v1`;
  const line = [
    '--embedder',
    'openai',
    '--model',
    model,
    '--endpoint',
    endpoint,
    '--dimension',
    `${dimension}`,
  ];
  return soma('reindex', ...line, '--rate', '200');
}

function endpointSettings(): Record<string, string> {
  return {
    SOMA_EMBEDDER: 'openai',
    SOMA_EMBEDDER_URL: `http://127.0.0.1:${embedder.port}/v1`,
    SOMA_EMBEDDER_MODEL: embedder.model,
    SOMA_EMBEDDER_DIMENSION: String(embedder.dimension),
  };
}

/** What a search for the word finds, which has to be all of it; and whether it was by meaning. */
async function search(query: string): Promise<{ coords: string[]; byMeaning: boolean }> {
  const { status, body } = await client.search({ query, top_k: 100 });
  expect({ status, outages: outagesOf(body) }).toEqual({ status: 200, outages: [] });
  const coords = body.memories.map(({ coord }) => coord).sort();
  return { coords, byMeaning: body.memories.every(({ similarity }) => similarity !== null) };
}

/** Every process learns of it within a second or two. */
async function untilSearchesAre(byMeaning: boolean): Promise<void> {
  await until('searches to change over', PATIENCE_MS, async () => {
    return (await search('pelican')).byMeaning === byMeaning;
  });
}

/** What the product answers to one process more, or to the standalone anew, with these settings. */
async function startWith(settings: Record<string, string>): Promise<ServiceProcess> {
  const ports = { SOMA_OPS_PORT: String(await freePort()), SOMA_QUERY_PORT: String(await freePort()) };
  if (system.cluster !== undefined)
    return new ServiceProcess('query', { ...system.cluster.settings, ...ports, ...settings });
  await system.endProcesses();
  const api = { SOMA_API_PORT: String(await freePort()), SOMA_POSTGRES_PORT: String(await freePort()) };
  return new ServiceProcess('standalone', {
    ...ports,
    ...api,
    SOMA_DATA_DIR: system.dataDir ?? '',
    ...settings,
  });
}

describe('the embedder is changed while everything runs', () => {
  test(
    'every write is found as soon as it is indexed, before, during and after the switch',
    async () => {
      for (let at = 0; at < 20; at += 1) await client.remember(`m${at}`, `pelican number ${at}`);
      expect((await search('pelican')).byMeaning).toBe(false);
      const over = new AbortController();
      const reindexing = reindexToEndpoint().finally(() => {
        over.abort();
      });
      const wanted = new Set(Array.from({ length: 20 }, (_, at) => `m${at}`));
      for (let at = 0; !over.signal.aborted; at = (at + 1) % 60) {
        await client.remember(`n${at}`, `pelican during ${at}`);
        wanted.add(`n${at}`);
        expect((await search('pelican')).coords).toEqual([...wanted].sort());
      }
      const { exitCode, out, notes } = await reindexing;
      expect({ exitCode, notes }).toEqual({ exitCode: 0, notes: expect.stringContaining('reindex done') });
      expect(out).toContain(`searches use openai (${embedder.model}, ${embedder.dimension})`);
      expect(out).toContain('soma reindex --finish');
      await untilSearchesAre(true);
      await client.remember('after', 'pelican after');
      expect((await search('pelican')).coords).toEqual([...wanted, 'after'].sort());
      expect((await soma('verify', 'index')).exitCode).toBe(0);
    },
    SLOW,
  );

  test(
    'and back, and forth again',
    async () => {
      const { coords } = await search('pelican');
      expect((await soma('reindex', '--rollback')).exitCode).toBe(0);
      await untilSearchesAre(false);
      expect((await search('pelican')).coords).toEqual(coords);
      await client.remember('back', 'pelican back');
      expect((await soma('reindex', '--rollback')).exitCode).toBe(0);
      await untilSearchesAre(true);
      expect((await search('pelican')).coords).toEqual([...coords, 'back'].sort());
    },
    SLOW,
  );

  test(
    'an embedder that does not work changes nothing',
    async () => {
      await soma('reindex', '--finish');
      const endpoint = `http://127.0.0.1:${await freePort()}/v1`;
      const line = ['--embedder', 'openai', '--model', 'm', '--endpoint', endpoint, '--dimension', '8'];
      const { exitCode, notes } = await soma('reindex', ...line);
      expect({ exitCode, notes }).toEqual({
        exitCode: 1,
        notes: expect.stringContaining('embedder_unavailable'),
      });
      expect((await search('pelican')).byMeaning).toBe(true);
    },
    SLOW,
  );

  test(
    'once that is finished, settings of the former embedder do not start, and say what to do',
    async () => {
      const refused = await startWith(HASH);
      expect(await refused.exit()).toBe(1);
      expect(refused.output).toContain(`Start with SOMA_EMBEDDER=openai`);
      expect(refused.output).toContain('soma reindex --embedder hash');
      const accepted = await startWith(endpointSettings());
      await until('the process to start', PATIENCE_MS, () => accepted.output.includes('started'));
      expect(await accepted.stop()).toBe(0);
    },
    SLOW,
  );
});
