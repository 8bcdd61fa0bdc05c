import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { pythonEnvironment } from '@soma/testing';
import { makeDataDir, startStandalone } from '../system/index.js';

/*
 * npm run test:api-fuzz [-- --max-examples 100 --seed 7 --json FILE]: schemathesis sends every route of a standalone
 * thousands of requests that the OpenAPI document allows, and as many that it does not. Whatever it sends, there is no
 * 5xx, no status or header that the document does not name, and no body that is not of its schema. An operation counts
 * as one test.
 */

const CHECKS = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_headers_conformance',
  'response_schema_conformance',
  'unsupported_method',
  'allow_header_conformance',
  'ignored_auth',
];
/** What is fuzzed is the API, not its limits. */
const UNLIMITED = Object.fromEntries(
  ['RATE_READ', 'RATE_WRITE', 'RATE_SEARCH', 'RATE_ADMIN', 'RATE_PUBLIC', 'RATE_MEMORY', 'MAX_BACKLOG'].map(
    (name) => [`SOMA_${name}`, '1000000'],
  ),
);

/** What is read of the report. */
interface Report {
  operations: { selected: number; tested: number };
  test_cases: { generated: number };
  failures: { operation?: string }[];
  errors: unknown[];
}

const { values } = parseArgs({
  options: {
    'max-examples': { type: 'string', default: '25' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
    json: { type: 'string' },
  },
});
process.exitCode = await main();

async function main(): Promise<number> {
  // The sources' folder, seen from the compiled file too: the build takes only TypeScript along.
  const requirements = fileURLToPath(new URL('../../src/api-fuzz/requirements.txt', import.meta.url));
  const bin = await pythonEnvironment('api-fuzz', requirements);
  const folder = await mkdtemp(join(tmpdir(), 'soma-api-fuzz-'));
  const dataDir = await makeDataDir();
  const system = await startStandalone({ dataDir: dataDir.path, env: UNLIMITED });
  try {
    const code = await fuzz(join(bin, 'python'), system, folder);
    const report = JSON.parse(await readFile(join(folder, 'report.json'), 'utf8')) as Report;
    const failed = new Set(report.failures.map(({ operation }) => operation)).size + report.errors.length;
    const passed = report.operations.tested - failed;
    console.log(
      `${report.test_cases.generated} cases over ${report.operations.tested} operations; again: --seed ${values.seed}`,
    );
    if (values.json !== undefined) await writeFile(values.json, JSON.stringify({ passed, failed }));
    return code;
  } finally {
    await system.stop();
    await dataDir.remove();
    await rm(folder, { recursive: true, force: true });
  }
}

async function fuzz(
  python: string,
  { url, token }: { url: string; token: string },
  folder: string,
): Promise<number> {
  const options = {
    header: `Authorization: Bearer ${token}`,
    checks: CHECKS.join(','),
    phases: 'examples,coverage,fuzzing',
    'max-examples': values['max-examples'],
    seed: values.seed,
    'request-timeout': '30',
    report: 'json',
    'report-json-path': join(folder, 'report.json'),
    warnings: 'off',
  };
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
  const command = ['-m', 'schemathesis.cli', 'run', `${url}/openapi.json`, ...args];
  const child = spawn(python, [...command, '--continue-on-failure', '--no-color'], {
    // It keeps what it learned in its working directory.
    cwd: folder,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  return code ?? 1;
}
