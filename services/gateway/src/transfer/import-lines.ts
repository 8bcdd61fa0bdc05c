import { setTimeout as sleep } from 'node:timers/promises';
import {
  isJsonObject,
  isSomaError,
  parseCoordinate,
  SomaError,
  type Command,
  type ErrorCode,
} from '@soma/memory';
import { backoffMs } from '@soma/service';
import { storeCommand } from '../commands/memory-commands.js';
import { positionsOfToken } from '../consistency.js';
import { requestHash } from '../idempotency.js';
import { publicCode, publicDetail } from '../problem.js';
import { RequestRefused } from '../refusal.js';
import type { ApiRequest } from '../route.js';
import type { RouteDeps } from '../routes/route-deps.js';
import type { MemoryBody } from '../schemas/writes.js';
import type { Result } from '../submit.js';
import { parseJsonBody, refusalOfItem } from '../validate.js';
import type { NumberedLine } from './read-lines.js';

/** Commands of one append; their lines are all that an import holds. */
const MOST_COMMANDS = 500;
const MOST_BYTES = 4 * 1024 * 1024;
/** Lines that are told of; further ones are counted. */
const MOST_ERRORS = 100;
/** How long one append may take to be stored; past it the import goes on, and the token tells when it is. */
const WAIT_MS = 30_000;
const BACKOFF = { minMs: 250, maxMs: 5_000 };

export type ImportRequest = Pick<
  ApiRequest<{ first_line: number }, unknown>,
  'caller' | 'namespace' | 'idempotency_key' | 'conditions' | 'after' | 'traceparent' | 'signal' | 'query'
>;

export interface LineError {
  line: number;
  coord: string | null;
  code: ErrorCode;
  detail: string;
}

export interface Imported {
  /** Lines that were read. */
  lines: number;
  stored: number;
  /** Taken, and not yet known how they end. */
  accepted: number;
  failed: number;
  /** The first of those that failed. */
  errors: LineError[];
  /** Covers all of it; null when nothing was taken. */
  token: string | null;
}

interface Pending {
  line: number;
  command: Command;
}

type Deps = Pick<RouteDeps, 'submitter' | 'writes' | 'limits' | 'installation' | 'admission'>;

/**
 * Stores a memory for each line, in order; a bad line spoils no other. What the log or the backlog has no room for is
 * sent again until it has.
 * @throws RequestRefused shutting_down, saying up to where it has come
 */
export async function importLines(
  lines: AsyncIterable<NumberedLine>,
  request: ImportRequest,
  deps: Deps,
): Promise<Imported> {
  const work = new Import(request, deps);
  for await (const line of lines) {
    if (line.number < request.query.first_line) continue;
    await work.take(line);
  }
  await work.flush();
  work.done.errors.sort((a, b) => a.line - b.line);
  return work.done;
}

class Import {
  readonly done: Imported = { lines: 0, stored: 0, accepted: 0, failed: 0, errors: [], token: null };
  readonly #request: ImportRequest;
  readonly #deps: Deps;
  #pending: Pending[] = [];
  #keys = new Set<string>();
  #bytes = 0;

  constructor(request: ImportRequest, deps: Deps) {
    this.#request = request;
    this.#deps = deps;
  }

  async take({ number, bytes }: NumberedLine): Promise<void> {
    this.done.lines += 1;
    if (bytes?.length === 0) return;
    try {
      if (bytes === null) throw new LineRefused('payload_too_large', 'the line is too long');
      const body = bodyOf(bytes, this.#deps);
      if (body !== null) await this.#add(number, body, bytes);
    } catch (error) {
      if (!(error instanceof LineRefused)) throw error;
      this.#fail({ line: number, coord: error.coord, code: error.code, detail: error.message });
    }
  }

  async #add(line: number, body: MemoryBody, bytes: Buffer): Promise<void> {
    const request_hash = requestHash({
      method: 'POST',
      target: '/admin/import',
      if_match: undefined,
      if_none_match: undefined,
      body: bytes,
    });
    const command = storeCommand({ ...this.#request, request_hash }, line - 1, body);
    const key = parseCoordinate(command.coord)?.key ?? command.coord;
    // Of two lines with one coord the second must not be stored before the first, whatever has to be sent again.
    const isFull = this.#pending.length === MOST_COMMANDS || this.#bytes + bytes.length > MOST_BYTES;
    if (isFull || this.#keys.has(key)) await this.flush();
    this.#pending.push({ line, command });
    this.#keys.add(key);
    this.#bytes += bytes.length;
  }

  async flush(): Promise<void> {
    let open = this.#pending;
    this.#pending = [];
    this.#keys = new Set();
    this.#bytes = 0;
    for (let attempt = 0; open.length > 0; attempt += 1) {
      if (attempt > 0) await sleep(backoffMs(attempt, BACKOFF), undefined, { signal: this.#request.signal });
      if (this.#deps.admission.stopping) throw this.#stopped(open);
      open = await this.#submit(open);
    }
  }

  /** @returns what has to be sent again */
  async #submit(pending: readonly Pending[]): Promise<Pending[]> {
    const { submitter, installation } = this.#deps;
    const { namespace } = this.#request;
    try {
      const { results, token } = await submitter.submit(
        pending.map(({ command }) => ({ command })),
        {
          ...this.#request,
          until: 'stored',
          deadline: performance.now() + WAIT_MS,
          after:
            positionsOfToken(this.done.token ?? undefined, namespace, () => installation.current()) ??
            this.#request.after,
        },
      );
      this.done.token = token ?? this.done.token;
      return pending.filter((one, at) => !this.#settle(one, results[at]));
    } catch (error) {
      if (!isSomaError(error) || !error.retryable) throw error;
      return [...pending];
    }
  }

  /** @returns false when it has to be sent again */
  #settle({ line, command }: Pending, result: Result | undefined): boolean {
    switch (result?.kind) {
      case 'reached':
        this.done[result.status === 'accepted' ? 'accepted' : 'stored'] += 1;
        return true;
      case 'rejected': {
        const { code, detail } = result.operation.error ?? { code: 'internal' as const, detail: '' };
        this.#fail({ line, coord: coordOf(command), code, detail });
        return true;
      }
      case 'refused': {
        const { code, detail } = result.refusal;
        if (new SomaError(code, detail).retryable) return false;
        this.#fail({ line, coord: result.coord, code, detail });
        return true;
      }
      case undefined:
        return false;
    }
  }

  #fail({ code, detail, ...where }: LineError): void {
    this.done.failed += 1;
    if (this.done.errors.length >= MOST_ERRORS) return;
    this.done.errors.push({ ...where, code: publicCode(code), detail: publicDetail(code, detail) });
  }

  #stopped([first]: readonly Pending[]): RequestRefused {
    const line = first?.line ?? 1;
    return new RequestRefused(
      'shutting_down',
      `this process is stopping; everything before line ${line} is stored, go on with ?first_line=${line}`,
    );
  }
}

/** Why one line is not stored. */
class LineRefused extends Error {
  override readonly name = 'LineRefused';

  constructor(
    readonly code: ErrorCode,
    detail: string,
    readonly coord: string | null = null,
  ) {
    super(detail);
  }
}

/** What a line stores; null for one that tells where an export was. @throws LineRefused */
function bodyOf(bytes: Buffer, { writes, limits }: Deps): MemoryBody | null {
  const json = jsonOf(bytes, limits.json_depth);
  if (isJsonObject(json) && Object.keys(json).join() === 'next_cursor') return null;
  const parsed = writes.memory.safeParse(json);
  if (parsed.success) return parsed.data;
  const { coord, refusal } = refusalOfItem(json, parsed.error, 'the line');
  throw new LineRefused(refusal.code, refusal.detail, coord);
}

function jsonOf(bytes: Buffer, depth: number) {
  try {
    // The memory itself is one level around its payload.
    return parseJsonBody(bytes, depth + 1);
  } catch (error) {
    if (!(error instanceof RequestRefused)) throw error;
    throw new LineRefused(error.code, error.message.replaceAll('the body', 'the line'));
  }
}

function coordOf(command: Command): string {
  return 'coord' in command ? command.coord : command.from_coord;
}
