import { createHash, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { extname, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { show, type CommandContext } from '../command-context.js';
import { readCsv, type Line } from '../csv.js';
import { CommandFailed, EXIT } from '../exit-codes.js';
import { MAX_FAILURES, maybeLater } from '../follow.js';
import { openProgress } from '../job-progress.js';

export interface BatchOptions {
  csv?: boolean;
  size: number;
  /** Also what was done before. */
  again?: boolean;
}

interface Result {
  coord: string | null;
  ok: boolean;
  error?: { code: string; detail: string };
}

interface Failure {
  line: number;
  coord: string | null;
  code: string;
  detail: string;
}

/** Writes of a file, some at a time and in order; under keys of its content, so that nothing is done twice. */
export async function batch(
  context: CommandContext,
  name: string,
  { csv, size, again }: BatchOptions,
): Promise<void> {
  const text = await textOf(context, name);
  const lines = csv === true || extname(name) === '.csv' ? readCsv(text) : readJsonLines(text);
  const content = createHash('sha256').update(text).digest('hex').slice(0, 32);
  const digest = again === true ? randomUUID() : content;
  const failures: Failure[] = [];
  const progress = await openProgress(context.terminal);
  try {
    for (let from = 0; from < lines.length; from += size) {
      const part = lines.slice(from, from + size);
      const results = await sent(context, part, `soma-batch-${digest}-${size}-${from}`);
      failures.push(...failuresOf(part, results));
      const done = from + part.length;
      progress.show({ kind: 'batch', state: 'running', done, total: lines.length });
    }
  } finally {
    progress.end();
  }
  const done = lines.length - failures.length;
  show(context, { done, failed: failures.length, failures }, () =>
    [
      ...failures.map(
        ({ line, coord, code, detail }) => `line ${line} (${coord ?? '-'}): ${code}: ${detail}`,
      ),
      `${done} writes are done`,
    ].join('\n'),
  );
  if (failures.length > 0) throw new CommandFailed(EXIT.refused, `${failures.length} writes were refused`);
}

async function textOf({ terminal }: CommandContext, name: string): Promise<string> {
  if (name === '-') return terminal.input();
  const file = resolve(terminal.folder, name);
  return readFile(file, 'utf8').catch((cause: unknown) => {
    const why = (cause as NodeJS.ErrnoException).code ?? 'unreadable';
    throw new CommandFailed(EXIT.usage, `${file} cannot be read (${why})`, { cause });
  });
}

/** @throws CommandFailed naming every line that is none, before anything is sent */
function readJsonLines(text: string): Line[] {
  const wrong: string[] = [];
  const lines = text.split('\n').flatMap((content, index): Line[] => {
    if (content.trim() === '') return [];
    const operation = objectIn(content);
    if (operation !== undefined) return [{ line: index + 1, operation: { op: 'put', ...operation } }];
    wrong.push(`line ${index + 1} is no JSON object`);
    return [];
  });
  if (wrong.length > 0)
    throw new CommandFailed(EXIT.usage, `nothing was sent:\n${wrong.slice(0, 20).join('\n')}`);
  return lines;
}

function objectIn(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** Tried again while the service is out, or has too much to do. */
async function sent({ api, pollMs }: CommandContext, part: readonly Line[], key: string): Promise<Result[]> {
  const options = {
    body: { operations: part.map(({ operation }) => operation) },
    headers: { 'Idempotency-Key': key },
  };
  for (let failures = 0; ; failures += 1) {
    try {
      return (await api.call<{ results: Result[] }>('POST', '/memories/batch', options)).body.results;
    } catch (error) {
      if (!maybeLater(error) || failures >= MAX_FAILURES) throw error;
      await sleep(2 * pollMs);
    }
  }
}

function failuresOf(part: readonly Line[], results: readonly Result[]): Failure[] {
  return results.flatMap(({ ok, coord, error }, index) => {
    const line = part[index]?.line ?? 0;
    return ok || error === undefined ? [] : [{ line, coord, code: error.code, detail: error.detail }];
  });
}
