import type { Settings } from './config.js';
import { decodeVectors } from './decode-vectors.js';
import { parseRetryAfter } from './retry-after.js';

/** What became of one request. */
export type Reply =
  | { kind: 'vectors'; vectors: Float32Array[] }
  /** The endpoint will not have this input. */
  | { kind: 'refused'; status: number }
  /** Everything that may pass; `again` when it may pass within seconds. */
  | { kind: 'outage'; reason: string; again: boolean; retryAfterMs?: number | undefined; cause?: unknown };

const REFUSALS: ReadonlySet<number> = new Set([400, 413, 422]);
/** Characters that a component takes in JSON at most, with its comma. */
const CHARACTERS_PER_COMPONENT = 32;
/** Expected before the dimension is known. */
const LARGEST_DIMENSION = 16_384;
const ENVELOPE_BYTES = 64 * 1024;

export async function requestVectors(
  settings: Settings,
  texts: string[],
  dimension: number | undefined,
  signal: AbortSignal,
): Promise<Reply> {
  try {
    const response = await fetch(settings.endpoint, {
      method: 'POST',
      headers: settings.headers,
      body: JSON.stringify({ ...settings.parameters, input: texts }),
      // A redirect would take texts and key to where nobody meant to send them.
      redirect: 'manual',
      signal,
    });
    if (response.status !== 200) return await failed(response);
    const limit = ENVELOPE_BYTES + texts.length * (dimension ?? LARGEST_DIMENSION) * CHARACTERS_PER_COMPONENT;
    const body = await readBounded(response, limit);
    if (body === undefined) return outage('answered more than its vectors can take');
    const vectors = decodeVectors(body, texts.length);
    return typeof vectors === 'string' ? outage(`answered ${vectors}`) : { kind: 'vectors', vectors };
  } catch (cause) {
    return { kind: 'outage', reason: 'does not answer', again: true, cause };
  }
}

function outage(reason: string): Reply {
  return { kind: 'outage', reason, again: false };
}

/** The body is dropped unread: some servers quote the input or the key in it. */
async function failed(response: Response): Promise<Reply> {
  await response.body?.cancel();
  const { status } = response;
  if (REFUSALS.has(status)) return { kind: 'refused', status };
  return {
    kind: 'outage',
    reason: `answered ${status}`,
    again: status === 408 || status === 429 || status >= 500,
    retryAfterMs: parseRetryAfter(response.headers.get('retry-after'), Date.now()),
  };
}

/** Undefined when there is more than `limit` bytes. */
async function readBounded(response: Response, limit: number): Promise<string | undefined> {
  if (response.body === null) return '';
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength;
    if (bytes > limit) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, bytes).toString('utf8');
}
