import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { cp, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { profile } from '../../acceptance-system/index.js';
import { ROOT } from '../../system/index.js';
import { target } from '../client.js';

const run = promisify(execFile);
const MINUTES = 60_000;

/** What is published, dependencies first. */
const PACKAGES = ['typescript', 'cli', 'mcp'];

const CLIENT = `
import { SomaClient } from '@somafractalmemory/client';
const soma = new SomaClient({ url: process.env.SOMA_URL, token: process.env.SOMA_API_TOKEN, namespace: 'packed' });
await soma.store({ coord: 'ada.tea', text: 'Ada prefers green tea' });
console.log((await soma.session().get('ada.tea')).text);
`;

/** What a program that is checked strictly, and has none of the optional packages, sees of the types. */
const TYPED = `
import { SomaClient, SomaError, type Memory } from '@somafractalmemory/client';
const soma = new SomaClient({ token: 't' });
const found: Promise<Memory | null> = soma.get('a', { signal: new AbortController().signal });
export const texts = async (): Promise<string[]> => (await soma.search({ query: 'x', top_k: 3 })).memories.map((m) => m.text);
// @ts-expect-error a field that no memory has
void soma.store({ txet: 'x' });
export { found, SomaError };
`;

const STRICT = {
  compilerOptions: {
    strict: true,
    noEmit: true,
    skipLibCheck: false,
    target: 'es2022',
    module: 'nodenext',
    lib: ['es2022', 'dom', 'dom.asynciterable'],
    types: [],
  },
  files: ['typed.ts'],
};

const describeOnce = profile() === 'standalone' ? describe : describe.skip;

describeOnce('the packages, packed and installed into an empty folder', () => {
  let folder: string;
  let env: NodeJS.ProcessEnv;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'soma-packed-'));
    const { url, token } = target();
    const { PATH, HOME } = process.env;
    env = { PATH, HOME, SOMA_URL: url, SOMA_API_TOKEN: token, SOMA_NAMESPACE: 'packed' };
    const files: string[] = [];
    const sources = await copyOfSources(join(folder, 'sources'));
    for (const name of PACKAGES) {
      const line = ['pack', '--json', '--pack-destination', folder];
      const { stdout } = await run('npm', line, { cwd: join(sources, 'clients', name), maxBuffer: 1e8 });
      files.push(join(folder, packedFile(stdout)));
    }
    await writeFile(join(folder, 'package.json'), '{"private": true, "type": "module"}');
    await run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', ...files], {
      cwd: folder,
      env,
    });
  }, 5 * MINUTES);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  async function node(name: string, program: string): Promise<string> {
    await writeFile(join(folder, name), program);
    return (await run(process.execPath, [name], { cwd: folder, env })).stdout.trim();
  }

  test('the SDK stores and reads', async () => {
    expect(await node('client.mjs', CLIENT)).toBe('Ada prefers green tea');
  });

  test('soma finds the memory', async () => {
    const { stdout } = await run(join(folder, 'node_modules', '.bin', 'soma'), ['get', 'ada.tea'], {
      cwd: folder,
      env,
    });
    expect(JSON.parse(stdout)).toMatchObject({ text: 'Ada prefers green tea' });
  });

  test('soma reads records as the workers do', async () => {
    const record = { type: 'DeleteMemory', command_id: randomUUID(), namespace: 'packed', coord: '4.0' };
    await writeFile(join(folder, 'delete.json'), JSON.stringify(record));
    const { stdout } = await run(
      join(folder, 'node_modules', '.bin', 'soma'),
      ['schema', 'check', 'delete.json', '--json'],
      { cwd: folder, env },
    );
    expect(JSON.parse(stdout)).toMatchObject({
      records: [{ record: 'DeleteMemory', key: 'packed/4', problem: null }],
    });
  });

  test('the MCP server tells its tools', async () => {
    const transport = new StdioClientTransport({
      command: join(folder, 'node_modules', '.bin', 'soma-mcp'),
      env: env as Record<string, string>,
    });
    const client = new Client({ name: 'test', version: '1' });
    await client.connect(transport);
    const found = await client.callTool({ name: 'get', arguments: { coord: 'ada.tea' } });
    expect(found.structuredContent).toMatchObject({ memory: { text: 'Ada prefers green tea' } });
    await client.close();
  });

  test(
    'the types hold in a strict program',
    async () => {
      await writeFile(join(folder, 'typed.ts'), TYPED);
      await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(STRICT));
      const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
      const checked = await run(process.execPath, [tsc], { cwd: folder }).catch(
        (error: unknown) => error as { stdout: string },
      );
      expect(checked.stdout).toBe('');
    },
    2 * MINUTES,
  );
});

/** What packing builds is built beside the checkout, whose own programs other tests run meanwhile. */
async function copyOfSources(folder: string): Promise<string> {
  for (const name of ['clients', 'schemas', '.swcrc', 'LICENSE', 'package.json', 'tsconfig.base.json'])
    await cp(join(ROOT, name), join(folder, name), {
      recursive: true,
      filter: (path) => !path.includes('node_modules'),
    });
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  return folder;
}

/** npm prints what the build prints before its own JSON. */
function packedFile(output: string): string {
  const [packed] = JSON.parse(output.slice(output.indexOf('[\n'))) as { filename: string }[];
  if (packed === undefined) throw new Error('npm packed nothing');
  return packed.filename;
}
