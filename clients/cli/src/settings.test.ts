import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startTinyService, type TinyService } from './test/tiny-service.js';
import { type } from './test/typed-line.js';

let service: TinyService;
let home: string;
beforeEach(async () => {
  service = await startTinyService();
  service.on('GET /memories/m', { body: { memory: { coord: 'm' } } });
  home = await mkdtemp(join(tmpdir(), 'soma-cli-'));
});
afterEach(async () => {
  await service.close();
  await rm(home, { recursive: true });
});

async function configure(config: unknown): Promise<void> {
  await mkdir(join(home, '.config', 'soma'), { recursive: true });
  const text = typeof config === 'string' ? config : JSON.stringify(config);
  await writeFile(join(home, '.config', 'soma', 'config.json'), text);
}

function lastHeaders() {
  return service.asked.at(-1)?.headers;
}

describe('where the service is and who asks', () => {
  test('options win over the environment, that over the config file', async () => {
    await configure({ url: service.url, token: 'of-file', namespace: 'file' });
    expect((await type(['get', 'm'], { home })).exitCode).toBe(0);
    expect(lastHeaders()).toMatchObject({ authorization: 'Bearer of-file', 'soma-namespace': 'file' });

    const env = { SOMA_API_TOKEN: 'of-env', SOMA_NAMESPACE: 'env' };
    await type(['get', 'm'], { home, env });
    expect(lastHeaders()).toMatchObject({ authorization: 'Bearer of-env', 'soma-namespace': 'env' });

    await type(['get', 'm', '--token', 'typed', '--namespace', 'typed'], { home, env });
    expect(lastHeaders()).toMatchObject({ authorization: 'Bearer typed', 'soma-namespace': 'typed' });
  });

  test('a token may stand in a file, relative to home or to where the command is typed', async () => {
    await writeFile(join(home, 'secret'), 'of-secret\n');
    await configure({ url: service.url, token_file: '~/secret' });
    await type(['get', 'm'], { home });
    expect(lastHeaders()).toMatchObject({ authorization: 'Bearer of-secret' });

    const env = { SOMA_URL: service.url, SOMA_API_TOKEN_FILE: 'secret' };
    await type(['get', 'm'], { env, folder: home });
    expect(lastHeaders()).toMatchObject({ authorization: 'Bearer of-secret' });
  });

  test("a standalone's own token is found in its data folder, and sent to no other machine", async () => {
    await mkdir(join(home, 'mine'));
    await writeFile(join(home, 'mine', 'api-token'), 'standalone-token');
    const env = { SOMA_DATA_DIR: join(home, 'mine') };
    await type(['get', 'm', '--url', service.url], { env });
    expect(lastHeaders()).toMatchObject({ authorization: 'Bearer standalone-token' });

    const elsewhere = await type(['get', 'm', '--url', 'http://memory.invalid:1'], { env });
    expect(elsewhere.exitCode).toBe(2);
    expect(elsewhere.notes).toContain('no token');
  });

  test.each<[string, unknown, string]>([
    ['no JSON', '{', 'is no JSON'],
    ['an unknown key', { urll: 'x' }, '"urll"'],
    ['a value that is no text', { url: 1 }, '"url"'],
    ['a list', [], 'holds an object'],
    ['an address that is none', { url: 'localhost:40020' }, 'is no URL'],
    ['a token in the address', { url: 'http://a:b@localhost' }, 'does not belong in the URL'],
    ['a token file that is not there', { token_file: '/nowhere/token' }, '/nowhere/token'],
  ])('a config file with %s is refused before anything is sent', async (_, config, says) => {
    await configure(config);
    const { exitCode, notes } = await type(['get', 'm'], { home });
    expect(exitCode).toBe(2);
    expect(notes).toContain(says);
    expect(service.asked).toEqual([]);
  });
});

describe('a service that is not there', () => {
  test('ends with 3 and says where it was looked for, and by whose word', async () => {
    await service.close();
    const { exitCode, notes } = await type(['stats'], { env: { SOMA_URL: service.url } });
    expect(exitCode).toBe(3);
    expect(notes).toContain(service.url);
    expect(notes).toContain('ECONNREFUSED');
    expect(notes).toContain('from SOMA_URL');
    service = await startTinyService();
  });

  test('something else at the address is told apart', async () => {
    service.on('GET /stats', { text: '<html>' });
    const page = await type(['stats', '--url', service.url]);
    expect([page.exitCode, page.notes]).toEqual([3, expect.stringContaining('is no SomaFractalMemory')]);
    service.on('GET /stats', { status: 502, text: '<html>' });
    expect((await type(['stats', '--url', service.url])).exitCode).toBe(3);
  });
});
