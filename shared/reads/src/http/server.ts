import { createHash, timingSafeEqual } from 'node:crypto';
import express, {
  type ErrorRequestHandler,
  type Express,
  type RequestHandler,
  type Request,
  type Response,
} from 'express';
import { isSomaError } from '@soma/memory';
import type { Logger } from 'pino';
import type { NamespacesRequest } from '../listing.js';
import type { Reads, ReadOptions } from '../port.js';
import type { CallsUnderWay } from './calls-under-way.js';
import { METHODS, type Method, type SentCall, type SentError } from './protocol.js';

/** Filters and 500 keys of 1,000 characters fit well inside. */
const BODY_LIMIT = '2mb';

/** The query service's internal HTTP face: answers only who knows the internal token. */
export function createReadsApp({
  reads,
  token,
  calls,
  logger,
}: {
  reads: Reads;
  token: string;
  calls: CallsUnderWay;
  logger: Logger;
}): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use(requireToken(token));
  const body = express.json({ limit: BODY_LIMIT, strict: false });
  for (const method of METHODS) {
    // A probe is answered whatever else there is to do.
    const before = method === 'health' ? [body] : [enter(calls), body];
    app.post(`/reads/${method}`, ...before, async (request: Request, response: CallResponse) => {
      const abort = new AbortController();
      response.once('close', () => {
        if (!response.writableEnded) abort.abort();
      });
      const { hold } = response.locals;
      const given = { signal: abort.signal, ...(hold === undefined ? {} : { hold }) };
      response.json(await answer(reads, method, request.body as SentCall, given));
    });
  }
  app.use(answerError(logger, calls));
  return app;
}

/** The gateway is the only caller and has validated the request; the token keeps everybody else out. */
async function answer(
  reads: Reads,
  method: Method,
  call: SentCall,
  given: Pick<ReadOptions, 'signal' | 'hold'>,
): Promise<unknown> {
  const options: ReadOptions = { after: null, waitMs: 0, ...call.options, ...given };
  const namespace = call.namespace ?? '';
  switch (method) {
    case 'namespaces':
      return reads.namespaces(call.request as NamespacesRequest);
    case 'totals':
    case 'health':
      return reads[method]();
    default:
      return reads[method](namespace, call.request as never, options);
  }
}

type CallResponse = Response<unknown, Pick<ReadOptions, 'hold'>>;

/** A call is under way until its answer is sent, however slowly it is taken. */
function enter(calls: CallsUnderWay): RequestHandler {
  return (_request, response: CallResponse, next) => {
    const call = calls.enter();
    response.once('close', call.release);
    response.locals.hold = call.add;
    next();
  };
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

/** Seconds after which a call that was refused is worth another try. */
const RETRY_AFTER = '1';

function answerError(logger: Logger, calls: CallsUnderWay): ErrorRequestHandler {
  // Express tells error handlers by their four parameters.
  return (error: unknown, _request, response, next) => {
    if (response.headersSent) {
      next(error);
      return;
    }
    const known = isSomaError(error);
    if (known && error.code === 'overloaded') calls.refused();
    if (!known) logger.error({ err: error }, 'read failed');
    const sent: SentError = known
      ? { code: error.code, message: error.message }
      : { code: 'internal', message: 'the read failed' };
    if (known && error.retryable) response.setHeader('Retry-After', RETRY_AFTER);
    response.status(known ? (error.retryable ? 503 : 422) : 500).json(sent);
  };
}
