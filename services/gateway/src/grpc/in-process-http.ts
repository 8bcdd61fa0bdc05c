import { request as httpRequest, type IncomingMessage } from 'node:http';
import { duplexPair, type Duplex } from 'node:stream';
import { buffer } from 'node:stream/consumers';

export interface InnerRequest {
  method: 'GET' | 'POST' | 'DELETE';
  /** Path and query. */
  target: string;
  headers: Readonly<Record<string, string | string[]>>;
  /** JSON. */
  body?: string;
}

export interface InnerCaller {
  /** The address that the request counts as coming from. */
  address: string;
  /** Once it is aborted the request is gone, as one whose connection closes. */
  signal: AbortSignal;
}

/** Asks the HTTP face within the process. @throws what `node:http` refuses to send, or the reason of the signal */
export type AskHttp = (request: InnerRequest, caller: InnerCaller) => Promise<IncomingMessage>;

/** @param serve takes a connection as the HTTP server does */
export function createAskHttp(serve: (connection: Duplex) => void): AskHttp {
  return ({ method, target, headers, body }, { address, signal }) =>
    new Promise((resolve, reject) => {
      const asking = httpRequest({
        method,
        path: target,
        headers: {
          // On loopback the server takes loopback names alone; what a caller says of hosts means nothing here.
          host: 'localhost',
          connection: 'close',
          ...headers,
          ...(body === undefined
            ? {}
            : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
        },
        signal,
        createConnection: () => connection(serve, address),
      });
      asking.once('response', resolve);
      asking.on('error', (error) => {
        reject(signal.aborted ? asError(signal.reason) : error);
      });
      asking.end(body);
    });
}

/** The whole body of an answer as JSON. */
export async function jsonOf(answer: IncomingMessage): Promise<unknown> {
  return JSON.parse((await buffer(answer)).toString('utf8')) as unknown;
}

/** A pipe in memory. When the service is done with its end, what it has said is still there to be read. */
function connection(serve: (connection: Duplex) => void, address: string): Duplex {
  const [near, far] = duplexPair();
  near.once('close', () => far.destroy());
  far.once('close', () => near.push(null));
  serve(Object.assign(far, { remoteAddress: address }));
  return near;
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error('the call was given up', { cause: reason });
}
