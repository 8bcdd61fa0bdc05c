import { createServer, type RequestListener, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { v7 } from 'uuid';
import type { ErrorCode } from '@soma/memory';
import type { GatewaySettings } from './config.js';
import type { GatewayMetrics } from './metrics.js';
import { problemOf } from './problem.js';
import { RequestRefused } from './refusal.js';

/** The HTTP server with its limits; what never becomes a request is answered with a problem all the same. */
export function createHttpServer(
  handler: RequestListener,
  settings: GatewaySettings,
  metrics: Pick<GatewayMetrics, 'connectionRefused' | 'unreadable'>,
): Server {
  const server = createServer(
    {
      maxHeaderSize: settings.SOMA_MAX_HEADER_BYTES,
      headersTimeout: settings.SOMA_HEADERS_TIMEOUT * 1000,
      // Each request has its own: Arrival.
      requestTimeout: 0,
      keepAliveTimeout: settings.SOMA_KEEP_ALIVE_TIMEOUT * 1000,
      // How often the two timeouts above are looked at.
      connectionsCheckingInterval: 1_000,
    },
    handler,
  );
  // Node drops the fields beyond its own limit unseen, a Soma-Namespace among them; checkHeaders refuses instead.
  server.maxHeadersCount = 0;
  server.maxConnections = settings.SOMA_MAX_CONNECTIONS;
  server.on('clientError', (error: NodeJS.ErrnoException & { rawPacket?: Buffer }, socket) => {
    answerClientError(error, socket, settings, metrics);
  });
  server.on('drop', () => {
    metrics.connectionRefused();
  });
  return server;
}

/** How many connections are open; asked of before the server listens. */
export function countConnections(server: Server): () => number {
  let open = 0;
  server.on('connection', (socket) => {
    open += 1;
    socket.once('close', () => (open -= 1));
  });
  return () => open;
}

function answerClientError(
  error: NodeJS.ErrnoException & { rawPacket?: Buffer },
  socket: Duplex,
  settings: GatewaySettings,
  metrics: Pick<GatewayMetrics, 'unreadable'>,
): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const { code, detail } = refusalOf(error);
  metrics.unreadable(code);
  const context = { request_id: v7(), docs_url: settings.SOMA_DOCS_URL };
  const { problem } = problemOf(new RequestRefused(code, detail), context);
  const body = JSON.stringify(problem);
  const lines = [
    `HTTP/1.1 ${problem.status} ${problem.title}`,
    'Content-Type: application/problem+json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    `X-Request-Id: ${context.request_id}`,
    'X-Content-Type-Options: nosniff',
    'Cache-Control: private, no-cache',
    'Connection: close',
  ];
  socket.end(`${lines.join('\r\n')}\r\n\r\n${body}`);
}

function refusalOf(error: NodeJS.ErrnoException & { rawPacket?: Buffer }): {
  code: ErrorCode;
  detail: string;
} {
  switch (error.code) {
    case 'HPE_HEADER_OVERFLOW':
      return isRequestLineAlone(error.rawPacket)
        ? { code: 'uri_too_long', detail: 'the request line is too long' }
        : { code: 'headers_too_large', detail: 'the header fields are too large' };
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return { code: 'request_timeout', detail: 'the request did not arrive in time' };
    default:
      return { code: 'invalid_request', detail: 'this is not HTTP as RFC 9112 has it' };
  }
}

/** The parser gave up in a packet without a line break: it was still reading the request line. */
function isRequestLineAlone(packet: Buffer | undefined): boolean {
  return packet !== undefined && !packet.includes('\r\n');
}
