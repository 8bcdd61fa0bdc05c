import { open, truncate, type FileHandle } from 'node:fs/promises';
import { resolve } from 'node:path';
import { show, type CommandContext } from '../command-context.js';
import { CommandFailed, EXIT } from '../exit-codes.js';
import { openProgress } from '../job-progress.js';
import { parseJsonObject } from '../parse-json.js';

export interface ExportOptions {
  filters?: string;
  userId?: string;
  force?: boolean;
}

/** Where an export that a file holds goes on. */
interface Begun {
  /** Bytes of it that are sound: up to the last line that names a cursor. */
  bytes: number;
  memories: number;
  /** Undefined: from the beginning; null: it is whole. */
  cursor: string | null | undefined;
}

const NOTHING: Begun = { bytes: 0, memories: 0, cursor: undefined };

/** To the output, or to a file that is gone on with as often as it is cut. */
export async function exportMemories(
  context: CommandContext,
  name: string | undefined,
  { filters, userId, force }: ExportOptions,
): Promise<void> {
  const { api, terminal } = context;
  const narrowed = {
    user_id: userId,
    filters: filters === undefined ? undefined : JSON.stringify(parseJsonObject(filters, '--filters')),
  };
  if (name === undefined) {
    for await (const line of linesOf(await api.stream('/admin/export', { query: narrowed })))
      if (cursorOf(line) === undefined) terminal.out(line);
    return;
  }
  const file = resolve(terminal.folder, name);
  const begun = force === true ? NOTHING : await readBegun(file);
  if (begun.cursor === null) {
    throw new CommandFailed(EXIT.usage, `${file} is a whole export already; --force writes it anew`);
  }
  const rows = await api.stream('/admin/export', { query: { ...narrowed, cursor: begun.cursor } });
  const handle = await open(file, begun.bytes === 0 ? 'w' : 'a');
  try {
    if (begun.bytes > 0) await truncate(file, begun.bytes);
    const written = await writeAll(rows, handle, begun.memories, context);
    if (!written.whole) throw cut(file);
    show(context, { file, memories: written.memories }, () => `${written.memories} memories in ${file}`);
  } finally {
    await handle.close();
  }
}

async function writeAll(
  rows: AsyncIterable<Uint8Array>,
  handle: FileHandle,
  already: number,
  { terminal }: CommandContext,
): Promise<{ memories: number; whole: boolean }> {
  const progress = await openProgress(terminal);
  let memories = already;
  let whole = false;
  try {
    let waiting: string[] = [];
    for await (const line of linesOf(rows)) {
      waiting.push(`${line}\n`);
      const cursor = cursorOf(line);
      if (cursor === undefined) {
        memories += 1;
        continue;
      }
      await handle.write(waiting.join(''));
      waiting = [];
      whole = cursor === null;
      progress.show({ kind: 'export', state: whole ? 'done' : 'running', done: memories, total: null });
    }
    return { memories, whole };
  } finally {
    progress.end();
  }
}

function cut(file: string): CommandFailed {
  return new CommandFailed(EXIT.unreachable, `the export was cut; the same command goes on with ${file}`);
}

async function readBegun(file: string): Promise<Begun> {
  let handle: FileHandle;
  try {
    handle = await open(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return NOTHING;
    throw new CommandFailed(EXIT.usage, `${file} cannot be read`, { cause: error });
  }
  let [at, memories] = [0, 0];
  let begun = NOTHING;
  let first: string | undefined;
  for await (const line of linesOf(handle.createReadStream() as AsyncIterable<Buffer>)) {
    first ??= line;
    at += Buffer.byteLength(line) + 1;
    const cursor = cursorOf(line);
    if (cursor === undefined) memories += 1;
    else begun = { bytes: at, memories, cursor };
  }
  if (begun === NOTHING && first?.startsWith('{"coord":') === false) {
    throw new CommandFailed(EXIT.usage, `${file} is there and is no export; --force writes over it`);
  }
  return begun;
}

/** The cursor that a line names; undefined for a memory. */
function cursorOf(line: string): string | null | undefined {
  if (!line.startsWith('{"next_cursor":')) return undefined;
  try {
    return (JSON.parse(line) as { next_cursor: string | null }).next_cursor;
  } catch {
    return undefined;
  }
}

/** Whole lines: what follows the last line feed was cut. */
async function* linesOf(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of bytes) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
}
