import { RequestRefused } from '../refusal.js';

/** A line of a text: its number, from 1 on, and its bytes without the line break; null when it is too long. */
export interface NumberedLine {
  number: number;
  bytes: Buffer | null;
}

export interface LineLimits {
  maxLineBytes: number;
  /** The longest that no byte may come while one is waited for, milliseconds. */
  idleMs: number;
}

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/**
 * The lines of a text as it arrives; nothing is read ahead of who takes them. A line that is too long is passed over, and
 * said to be.
 * @throws RequestRefused request_timeout when no more comes
 */
export async function* readLines(
  content: AsyncIterable<Buffer>,
  { maxLineBytes, idleMs }: LineLimits,
): AsyncGenerator<NumberedLine> {
  let number = 0;
  let held: Buffer[] = [];
  let length = 0;
  const whole = (end: Buffer): NumberedLine => {
    const bytes = length + end.length > maxLineBytes ? null : withoutReturn(Buffer.concat([...held, end]));
    held = [];
    length = 0;
    number += 1;
    return { number, bytes };
  };
  for await (const chunk of inTime(content, idleMs)) {
    let from = 0;
    for (let at = chunk.indexOf(LINE_FEED); at !== -1; at = chunk.indexOf(LINE_FEED, from)) {
      yield whole(chunk.subarray(from, at));
      from = at + 1;
    }
    length += chunk.length - from;
    if (length > maxLineBytes) held = [];
    else if (from < chunk.length) held.push(chunk.subarray(from));
  }
  if (length > 0) yield whole(Buffer.alloc(0));
}

function withoutReturn(bytes: Buffer): Buffer {
  return bytes.at(-1) === CARRIAGE_RETURN ? bytes.subarray(0, -1) : bytes;
}

async function* inTime(content: AsyncIterable<Buffer>, idleMs: number): AsyncGenerator<Buffer> {
  const chunks = content[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await within(chunks.next(), idleMs);
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    // Not waited for: a source that hangs would hang its end too.
    void chunks.return?.().catch(() => undefined);
  }
}

async function within<T>(work: Promise<T>, idleMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new RequestRefused('request_timeout', 'no more of the body arrived'));
    }, idleMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
    work.catch(() => undefined);
  }
}
