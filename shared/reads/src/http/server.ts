import { createHash, timingSafeEqual } from 'node:crypto';
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import { isSomaError } from '@soma/memory';
import type { Logger } from 'pino';
import type { Reads, ReadOptions } from '../port.js';
import { METHODS, type Method, type SentCall, type SentError } from './protocol.js';

/** Filters and 500 keys of 1,000 characters fit well inside. */
const BODY_LIMIT = '2mb';

/** The query service's internal HTTP face: answers only who knows the internal token. */
export function createReadsApp({
  reads,
  token,
  logger,
}: {
  reads: Reads;
  token: string;
  logger: Logger;
}): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use(requireToken(token));
  app.use(express.json({ limit: BODY_LIMIT, strict: false }));
  for (const method of METHODS) {
    app.post(`/reads/${method}`, async (request, response) => {
      const abort = new AbortController();
      response.once('close', () => {
        if (!response.writableEnded) abort.abort();
      });
      response.json(await answer(reads, method, request.body as SentCall, abort.signal));
    });
  }
  app.use(answerError(logger));
  return app;
}

/** The gateway is the only caller and has validated the request; the token keeps everybody else out. */
async function answer(reads: Reads, method: Method, call: SentCall, signal: AbortSignal): Promise<unknown> {
  const options: ReadOptions = { after: null, waitMs: 0, ...call.options, signal };
  const namespace = call.namespace ?? '';
  switch (method) {
    case 'get':
      return reads.get(namespace, call.request as string[], options);
    case 'search':
      return reads.search(namespace, call.request as Parameters<Reads['search']>[1], options);
    case 'neighbors':
      return reads.neighbors(namespace, call.request as Parameters<Reads['neighbors']>[1], options);
    case 'path':
      return reads.path(namespace, call.request as Parameters<Reads['path']>[1], options);
    case 'totals':
      return reads.totals();
    case 'health':
      return reads.health();
  }
}

function requireToken(token: string): RequestHandler {
  const expected = digest(`Bearer ${token}`);
  return (request, response, next) => {
    if (timingSafeEqual(digest(request.headers.authorization ?? ''), expected)) {
      next();
      return;
    }
    const refusal: SentError = { code: 'invalid_token', message: 'this port answers only the gateway' };
    response.status(401).json(refusal);
  };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function answerError(logger: Logger): ErrorRequestHandler {
  // Express tells error handlers by their four parameters.
  return (error: unknown, _request, response, next) => {
    if (response.headersSent) {
      next(error);
      return;
    }
    const known = isSomaError(error);
    if (!known) logger.error({ err: error }, 'read failed');
    const sent: SentError = known
      ? { code: error.code, message: error.message }
      : { code: 'internal', message: 'the read failed' };
    response.status(known ? (error.retryable ? 503 : 422) : 500).json(sent);
  };
}
