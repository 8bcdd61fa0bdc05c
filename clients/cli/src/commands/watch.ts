import { setTimeout as sleep } from 'node:timers/promises';
import type { CommandContext } from '../command-context.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { maybeLater } from '../follow.js';
import { parseJsonObject } from '../parse-json.js';
import { lineOf } from '../table.js';

export interface WatchOptions {
  after?: string;
  since?: string;
  userId?: string;
  filters?: string;
  count?: number;
}

interface Change {
  id: string;
  event: string;
  data: { coord: string; version: number; at: string; memory: { text: string } | null };
}

/** How long one look waits for something to change, seconds. */
const WAIT_SECONDS = 25;
const LONGEST_PAUSE_MS = 10_000;

/** A line for each change, until Ctrl-C; outages are waited for. */
export async function watch(context: CommandContext, options: WatchOptions): Promise<ExitCode> {
  const { terminal } = context;
  const stopping = new AbortController();
  const stopListening = terminal.onInterrupt(() => {
    stopping.abort();
  });
  let shown = 0;
  try {
    for await (const change of changes(context, options, stopping.signal)) {
      terminal.out(context.json ? JSON.stringify(change) : textOf(change));
      shown += 1;
      if (shown === options.count) return EXIT.ok;
    }
    return EXIT.interrupted;
  } finally {
    stopListening();
  }
}

/** Ends when the signal comes. */
async function* changes(
  context: CommandContext,
  options: WatchOptions,
  signal: AbortSignal,
): AsyncGenerator<Change> {
  const narrowing = narrowed(options);
  let place: Record<string, string | undefined> = {
    ...narrowing,
    after: options.after,
    since: options.since,
  };
  // The first look says where it begins, so that nothing is missed from then on.
  let waitSeconds = options.after === undefined ? 0 : WAIT_SECONDS;
  let failures = 0;
  while (!signal.aborted) {
    const page = await look(context, place, waitSeconds, signal).catch((error: unknown) => {
      if (!signal.aborted && !maybeLater(error)) throw error;
      return error as Error;
    });
    if (page instanceof Error) {
      failures += 1;
      if (failures === 1) context.terminal.note(`soma: ${page.message}\nGoes on when it is back.`);
      const pause = Math.min(LONGEST_PAUSE_MS, context.pollMs * 2 ** failures);
      await sleep(pause, undefined, { signal }).catch(() => undefined);
      continue;
    }
    yield* page.events;
    place = { ...narrowing, after: page.next };
    [waitSeconds, failures] = [WAIT_SECONDS, 0];
  }
}

async function look(
  { api }: CommandContext,
  query: Record<string, string | undefined>,
  waitSeconds: number,
  signal: AbortSignal,
): Promise<{ events: Change[]; next: string }> {
  const headers = { Accept: 'application/json', Prefer: `wait=${waitSeconds}` };
  return (await api.call<{ events: Change[]; next: string }>('GET', '/events', { query, headers, signal }))
    .body;
}

function narrowed({ userId, filters }: WatchOptions) {
  const given = filters === undefined ? undefined : parseJsonObject(filters, '--filters');
  return { user_id: userId, filters: given === undefined ? undefined : JSON.stringify(given) };
}

function textOf({ event, data: { coord, version, at, memory } }: Change): string {
  const what = event === 'memory.deleted' ? '(deleted)' : (memory?.text ?? '');
  return lineOf([at, coord, `v${version}`, what]);
}
