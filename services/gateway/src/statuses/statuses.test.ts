import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, describe, expect, test } from '@jest/globals';
import * as prettier from 'prettier';
import type { OpenApiDocument } from '../openapi.js';
import { exchange } from '../test/raw-exchange.js';
import { startGateway, TOKEN, type RunningGateway } from '../test/running-gateway.js';
import { EXAMPLES, prepare, type ExampleRequest } from './example-requests.js';
import { OWN_PROVOCATIONS, PROVOCATIONS } from './provoke.js';

const document = JSON.parse(
  readFileSync(new URL('../../../../docs/openapi.json', import.meta.url), 'utf8'),
) as OpenApiDocument;

interface Documented {
  operationId: string;
  route: string;
  statuses: number[];
  responses: Record<string, Record<string, unknown>>;
}

const operations: Documented[] = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, { operationId, responses }]) => ({
    operationId,
    route: `${method.toUpperCase()} ${path}`,
    statuses: Object.keys(responses).map(Number),
    responses,
  })),
);

/** Statuses that were answered, by operationId. */
const seen = new Map<string, Set<number>>();
const saw = (operationId: string, status: number) =>
  seen.set(operationId, (seen.get(operationId) ?? new Set()).add(status));

/** A body that stops half way takes its whole time, so these are sent all at once, below. */
const HALF_SENT = 408;

async function exampleOf(operationId: string, running: RunningGateway): Promise<ExampleRequest> {
  const ids = await prepare(running);
  const make = EXAMPLES[operationId];
  if (make === undefined) throw new Error(`example-requests.ts has none for ${operationId}`);
  const [method, target, body, headers] = make(ids);
  return {
    method,
    target,
    ...(body === undefined ? {} : { body }),
    ...(headers === undefined ? {} : { headers }),
  };
}

describe.each(operations)('$route answers', ({ operationId, statuses, responses }) => {
  test.each(statuses.filter((status) => status !== HALF_SENT))('%i', async (status) => {
    const running = await startGateway({ SOMA_MAX_HEADER_BYTES: '8192', SOMA_MAX_URI_BYTES: '1024' });
    try {
      const example = await exampleOf(operationId, running);
      const provoke = OWN_PROVOCATIONS[operationId]?.[status] ?? PROVOCATIONS[status];
      if (provoke === undefined) throw new Error(`provoke.ts has no way to ${status}`);
      const { status: answered, json, headers } = await provoke({ running, example });
      expect({ answered, code: json['code'] }).toMatchObject({ answered: status });
      const { content = {}, description } = responses[status] ?? {};
      const type = headers.get('content-type')?.split(';')[0];
      if (answered !== 304) expect(Object.keys(content as object)).toContain(type);
      if (type === 'application/problem+json')
        expect(String(description).split(', ')).toContain(json['code']);
      saw(operationId, answered);
    } finally {
      await running.stop();
    }
  });
});

test('a body that stops half way is 408, whatever the route', async () => {
  const running = await startGateway({
    SOMA_REQUEST_TIMEOUT: '1',
    SOMA_HEADERS_TIMEOUT: '1',
    SOMA_RATE_ADMIN: '1000',
    SOMA_MAX_WEBHOOKS: '100',
  });
  try {
    const withBodies = operations.filter(({ statuses }) => statuses.includes(HALF_SENT));
    const answers = withBodies.map(async ({ operationId }) => {
      const { method, target, headers = {} } = await exampleOf(operationId, running);
      const status = await halfSent(running, method, target, headers);
      expect([operationId, status]).toEqual([operationId, HALF_SENT]);
      saw(operationId, status);
    });
    expect(answers.length).toBeGreaterThan(10);
    await Promise.all(answers);
  } finally {
    await running.stop();
  }
});

async function halfSent(
  running: RunningGateway,
  method: string,
  target: string,
  headers: Record<string, string>,
): Promise<number> {
  const lines = Object.entries({
    host: 'localhost',
    authorization: `Bearer ${TOKEN}`,
    'content-type': 'application/json',
    'content-length': '100',
    ...headers,
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  const text = await exchange(running, `${method} ${target} HTTP/1.1\r\n${lines.join('')}\r\n{"text":`);
  return Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1]);
}

const PAGE = new URL('../../../../docs/api-statuses.md', import.meta.url);

afterAll(async () => {
  // Of a run of single tests nothing can be said.
  if (seen.size < operations.length) return;
  if (process.env['SOMA_WRITE_DOCS'] === '1') writeFileSync(PAGE, await page());
});

test('the page of statuses shows what was answered', async () => {
  expect(readFileSync(PAGE, 'utf8')).toBe(await page());
});

async function page(): Promise<string> {
  const columns = [...new Set(operations.flatMap(({ statuses }) => statuses))].sort((a, b) => a - b);
  const cell = ({ operationId, statuses }: Documented, status: number) =>
    statuses.includes(status) ? (seen.get(operationId)?.has(status) === true ? '✓' : 'untested') : '';
  const documented = operations.reduce((sum, { statuses }) => sum + statuses.length, 0);
  const answered = operations.reduce(
    (sum, { operationId, statuses }) =>
      sum + statuses.filter((status) => seen.get(operationId)?.has(status) === true).length,
    0,
  );
  const rows = operations.map(
    (one) => `| \`${one.route}\` | ${columns.map((status) => cell(one, status)).join(' | ')} |`,
  );
  const text = `# Statuses of the API, and tests that saw them

Every route of [the OpenAPI document](openapi.json) with every status that it documents: ${answered} of ${documented} are answered in
\`services/gateway/src/statuses\`, where each is provoked and its code has to be among those documented. Other
statuses than these are a failure of the \`api-fuzz\` stage. What each code means: [errors](errors.md).

| route | ${columns.join(' | ')} |
| --- | ${columns.map(() => '---').join(' | ')} |
${rows.join('\n')}
`;
  return prettier.format(text, { ...(await prettier.resolveConfig(PAGE.pathname)), parser: 'markdown' });
}
