import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { createGunzip } from 'node:zlib';
import { show, type CommandContext } from '../command-context.js';
import { CommandFailed, EXIT } from '../exit-codes.js';
import { MAX_FAILURES, maybeLater } from '../follow.js';
import { openProgress } from '../job-progress.js';

/** Lines and bytes of one request: small enough to be sent again, and to show how far it is. */
const MOST_LINES = 2_000;
const MOST_BYTES = 4 * 1024 * 1024;
/** The service waits where it has no room. */
const TIMEOUT_MS = 600_000;
const MOST_ERRORS = 20;

interface Told {
  stored: number;
  accepted: number;
  failed: number;
  errors: { line: number; coord: string | null; code: string; detail: string }[];
}

/** How far it is, kept beside the file so that it goes on after a kill. */
interface Kept extends Told {
  /** SHA-256 of the content, and where it goes. */
  of: string;
  next_line: number;
}

/** Sends the lines of a file, some at a time; under keys of its content, so that nothing is made twice. */
export async function importMemories(context: CommandContext, name: string): Promise<void> {
  const { terminal, settings } = context;
  const file = name === '-' ? undefined : resolve(terminal.folder, name);
  const text = file === undefined ? Buffer.from(await terminal.input()) : undefined;
  const open = () => contentOf(file, text);
  const digest = await digestOf(open());
  const of = `${digest} ${settings.url.value} ${settings.namespace?.value ?? ''}`;
  const beside = file === undefined ? undefined : `${file}.importing`;
  const kept = (await readKept(beside, of)) ?? {
    of,
    next_line: 1,
    stored: 0,
    accepted: 0,
    failed: 0,
    errors: [],
  };
  const progress = await openProgress(terminal);
  try {
    for await (const part of partsOf(open())) {
      if (part.first_line < kept.next_line) continue;
      add(kept, await sent(context, part, digest), part.first_line);
      kept.next_line = part.first_line + part.lines;
      if (beside !== undefined) await writeFile(beside, JSON.stringify(kept));
      progress.show({ kind: 'import', state: 'running', done: kept.next_line - 1, total: null });
    }
  } finally {
    progress.end();
  }
  if (beside !== undefined) await rm(beside, { force: true });
  const { stored, accepted, failed, errors } = kept;
  show(context, { stored, accepted, failed, errors }, () => textOf(kept));
  if (failed > 0) throw new CommandFailed(EXIT.refused, `${failed} lines were refused`);
}

function textOf({ stored, accepted, errors }: Kept): string {
  const lines = errors.map(
    ({ line, coord, code, detail }) =>
      `line ${line}${coord === null ? '' : ` (${coord})`}: ${code}: ${detail}`,
  );
  const waiting = accepted === 0 ? '' : `, ${accepted} are on their way`;
  return [...lines, `${stored} memories are stored${waiting}`].join('\n');
}

function add(kept: Kept, told: Told, firstLine: number): void {
  kept.stored += told.stored;
  kept.accepted += told.accepted;
  kept.failed += told.failed;
  const errors = told.errors.map((error) => ({ ...error, line: error.line + firstLine - 1 }));
  kept.errors.push(...errors.slice(0, MOST_ERRORS - kept.errors.length));
}

interface Part {
  first_line: number;
  lines: number;
  bytes: Buffer<ArrayBuffer>;
}

/** Tried again while the service is out, or has too much to do: under its key that makes nothing twice. */
async function sent({ api, pollMs }: CommandContext, part: Part, digest: string): Promise<Told> {
  const headers = { 'Idempotency-Key': `soma-import-${digest}-${part.first_line}` };
  for (let failures = 0; ; failures += 1) {
    try {
      const options = { lines: part.bytes, headers, timeoutMs: TIMEOUT_MS };
      return (await api.call<Told>('POST', '/admin/import', options)).body;
    } catch (error) {
      if (!maybeLater(error) || failures >= MAX_FAILURES) throw error;
      await sleep(2 * pollMs);
    }
  }
}

async function* partsOf(content: AsyncIterable<Buffer>): AsyncGenerator<Part> {
  let held: Buffer[] = [];
  let [first, lines, bytes] = [1, 0, 0];
  const whole = (): Part => {
    const part = { first_line: first, lines, bytes: Buffer.concat(held) };
    first += lines;
    [held, lines, bytes] = [[], 0, 0];
    return part;
  };
  for await (const chunk of content) {
    let from = 0;
    for (let at = chunk.indexOf(0x0a); at !== -1; at = chunk.indexOf(0x0a, from)) {
      held.push(chunk.subarray(from, at + 1));
      bytes += at + 1 - from;
      from = at + 1;
      lines += 1;
      if (lines >= MOST_LINES || bytes >= MOST_BYTES) yield whole();
    }
    held.push(chunk.subarray(from));
    bytes += chunk.length - from;
  }
  if (bytes === 0) return;
  // The last line need not end.
  if (held.at(-1)?.length !== 0) lines += 1;
  yield whole();
}

async function digestOf(content: AsyncIterable<Buffer>): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of content) hash.update(chunk);
  return hash.digest('hex').slice(0, 32);
}

async function* contentOf(file: string | undefined, text: Buffer | undefined): AsyncGenerator<Buffer> {
  if (file === undefined) {
    yield text ?? Buffer.alloc(0);
    return;
  }
  const raw: Readable = createReadStream(file);
  try {
    yield* (file.endsWith('.gz') ? unpacked(raw) : raw) as AsyncIterable<Buffer>;
  } catch (cause) {
    const why = (cause as NodeJS.ErrnoException).code ?? 'unreadable';
    throw new CommandFailed(EXIT.usage, `${file} cannot be read (${why})`, { cause });
  } finally {
    raw.destroy();
  }
}

function unpacked(raw: Readable): Readable {
  const gunzip = createGunzip();
  raw.once('error', (error) => gunzip.destroy(error));
  return raw.pipe(gunzip);
}

async function readKept(file: string | undefined, of: string): Promise<Kept | undefined> {
  if (file === undefined) return undefined;
  try {
    const kept = JSON.parse(await readFile(file, 'utf8')) as Kept;
    return kept.of === of ? kept : undefined;
  } catch {
    return undefined;
  }
}
