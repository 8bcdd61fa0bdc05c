import type { Readable } from 'node:stream';
import { createGunzip, type Gunzip } from 'node:zlib';
import express, { type Request, type Response } from 'express';
import { RequestRefused } from './refusal.js';

const parsers = new Map<number, express.RequestHandler>();

/**
 * The body of a request, inflated, at most `limit` bytes before and after.
 * @throws RequestRefused payload_too_large, unsupported_media_type, invalid_request
 */
export async function readBody(request: Request, response: Response, limit: number): Promise<Buffer> {
  checkEncoding(request);
  const parser = parsers.get(limit) ?? express.raw({ type: () => true, limit, inflate: true });
  parsers.set(limit, parser);
  await new Promise<void>((resolve, reject) => {
    void parser(request, response, (error?: unknown) => {
      if (error === undefined) resolve();
      else reject(refusalOf(error, limit));
    });
  });
  const body: unknown = request.body;
  return Buffer.isBuffer(body) ? body : Buffer.alloc(0);
}

/** The body as it arrives. @throws RequestRefused unsupported_media_type; while it is read, invalid_request or request_timeout */
export function inflated(request: Request): AsyncIterable<Buffer> {
  checkEncoding(request);
  return request.headers['content-encoding'] === 'gzip' ? readable(inflating(request)) : readable(request);
}

/** Not by `pipeline`, which would take the connection down with bytes that are no gzip: they want an answer. */
function inflating(request: Request): Gunzip {
  const gunzip = createGunzip();
  request.once('error', (error) => gunzip.destroy(error));
  return request.pipe(gunzip);
}

async function* readable(content: Readable): AsyncGenerator<Buffer> {
  try {
    yield* content.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
  } catch (error) {
    const { code } = error as { code?: unknown };
    if (typeof code === 'string' && code.startsWith('Z_'))
      throw new RequestRefused('invalid_request', 'the body is no whole gzip', { cause: error });
    throw new RequestRefused('request_timeout', 'the body did not arrive', { cause: error });
  }
}

/** What the body may take at most while it is read: a declared length is believed, because the parser holds it to it. */
export function expectedBytes(request: Request, limit: number): number {
  const declared = Number(request.headers['content-length'] ?? Number.NaN);
  const known = Number.isSafeInteger(declared) && request.headers['content-encoding'] === undefined;
  return known ? Math.min(declared, limit) : limit;
}

function checkEncoding(request: Request): void {
  const encoding = request.headers['content-encoding']?.toLowerCase() ?? 'identity';
  if (encoding === 'identity' || encoding === 'gzip') return;
  throw new RequestRefused('unsupported_media_type', 'the content may be sent as it is or as gzip', {
    headers: { 'Accept-Encoding': 'gzip' },
  });
}

function refusalOf(error: unknown, limit: number): RequestRefused {
  const { type, status } = error as { type?: unknown; status?: unknown };
  if (type === 'entity.too.large') {
    return new RequestRefused('payload_too_large', `the body is larger than ${limit} bytes`);
  }
  if (type === 'request.aborted') return new RequestRefused('request_timeout', 'the body did not arrive');
  if (status === 400)
    return new RequestRefused('invalid_request', 'the body could not be read', { cause: error });
  return new RequestRefused('internal', 'the body could not be read', { cause: error });
}
