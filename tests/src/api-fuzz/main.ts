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

/** Answers without end unless it is asked for JSON. */
const ENDLESS = 'followEvents';
/** Their bodies are lines, of which schemathesis makes none; their own tests send bad ones. */
const IN_LINES = ['exportMemories', 'importMemories'];

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
    const python = join(bin, 'python');
    const outcomes = [
      await fuzz(python, system, folder, { 'exclude-operation-id': [ENDLESS, ...IN_LINES] }),
      await fuzz(python, system, folder, {
        'include-operation-id': ENDLESS,
        header: 'Accept: application/json',
      }),
    ];
    const sum = (of: (outcome: Outcome) => number) => outcomes.reduce((all, outcome) => all + of(outcome), 0);
    const [passed, failed] = [sum((outcome) => outcome.passed), sum((outcome) => outcome.failed)];
    console.log(
      `${sum(({ cases }) => cases)} cases over ${passed + failed} operations; again: --seed ${values.seed}`,
    );
    if (values.json !== undefined) await writeFile(values.json, JSON.stringify({ passed, failed }));
    return failed === 0 ? 0 : 1;
  } finally {
    await system.stop();
    await dataDir.remove();
    await rm(folder, { recursive: true, force: true });
  }
}

interface Outcome {
  cases: number;
  passed: number;
  failed: number;
}

/** @param selection further options, which say what is fuzzed */
async function fuzz(
  python: string,
  { url, token }: { url: string; token: string },
  folder: string,
  selection: Record<string, string | string[]>,
): Promise<Outcome> {
  const options = {
    checks: CHECKS.join(','),
    phases: 'examples,coverage,fuzzing',
    'max-examples': values['max-examples'],
    seed: values.seed,
    'request-timeout': '30',
    report: 'json',
    'report-json-path': join(folder, 'report.json'),
    warnings: 'off',
    ...selection,
  };
  const args = Object.entries(options).flatMap(([name, value]) =>
    [value].flat().flatMap((one) => [`--${name}`, one]),
  );
  const authorization = ['--header', `Authorization: Bearer ${token}`];
  const command = ['-m', 'schemathesis.cli', 'run', `${url}/openapi.json`, ...authorization, ...args];
  const child = spawn(python, [...command, '--continue-on-failure', '--no-color'], {
    // It keeps what it learned in its working directory.
    cwd: folder,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  const report = JSON.parse(await readFile(options['report-json-path'], 'utf8')) as Report;
  const broken = new Set(report.failures.map(({ operation }) => operation)).size + report.errors.length;
  const failed = code !== 0 && broken === 0 ? 1 : broken;
  return { cases: report.test_cases.generated, passed: report.operations.tested - broken, failed };
}
