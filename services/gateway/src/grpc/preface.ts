import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/** What the preface of HTTP/2 (RFC 9113 section 3.4) begins with, and no method of HTTP/1.1 does. */
const HTTP2 = Buffer.from('PRI');

export interface Division {
  /** How long a connection may take to say which of the two it speaks, milliseconds; then it is a request that is late. */
  timeoutMs: number;
  /** Takes a connection that begins as HTTP/2 does, with nothing read from it. */
  takeHttp2: (socket: Socket) => void;
}

/**
 * One port, two protocols: connections that begin with the preface of HTTP/2 go to `takeHttp2`, all others where they
 * went before. The server itself goes on listening, counting and closing them.
 * @returns what closes the connections that have not said yet, and any to come
 */
export function divideConnections(server: Server, { timeoutMs, takeHttp2 }: Division): () => void {
  const http1 = server.listeners('connection') as ((socket: Socket) => void)[];
  server.removeAllListeners('connection');
  const undecided = new Set<Socket>();
  let closed = false;
  server.on('connection', (socket: Socket) => {
    if (closed) {
      socket.destroy();
      return;
    }
    undecided.add(socket);
    firstBytes(socket, timeoutMs, (speaks) => {
      undecided.delete(socket);
      if (speaks === 'http1') for (const take of http1) take.call(server, socket);
      else if (speaks === 'http2') takeWhole(socket, takeHttp2);
      else if (speaks === 'nothing') refuseLate(server, socket);
      else socket.destroy();
    });
  });
  return () => {
    closed = true;
    for (const socket of undecided) socket.destroy();
  };
}

/** `nothing`: it said too little in time; `gone`: it went away before. */
type Speaks = 'http1' | 'http2' | 'nothing' | 'gone';

function firstBytes(socket: Socket, timeoutMs: number, decided: (speaks: Speaks) => void): void {
  let head = Buffer.alloc(0);
  const timer = setTimeout(() => {
    decide('nothing');
  }, timeoutMs);
  const look = (): void => {
    const bytes = socket.read() as Buffer | null;
    if (bytes === null) return;
    head = Buffer.concat([head, bytes]);
    const length = Math.min(head.length, HTTP2.length);
    const begins = head.subarray(0, length).equals(HTTP2.subarray(0, length));
    if (begins && length < HTTP2.length) return;
    decide(begins ? 'http2' : 'http1');
  };
  const gone = (): void => {
    decide('gone');
  };
  const decide = (speaks: Speaks): void => {
    clearTimeout(timer);
    socket.off('readable', look).off('end', gone).off('error', gone).off('close', gone);
    if (head.length > 0 && (speaks === 'http1' || speaks === 'http2')) socket.unshift(head);
    decided(speaks);
  };
  socket.on('readable', look).once('end', gone).once('error', gone).once('close', gone);
}

/** An HTTP server leaves a connection half open, and answers; a connection of HTTP/2 is over when its peer ends it. */
function takeWhole(socket: Socket, take: (socket: Socket) => void): void {
  socket.allowHalfOpen = false;
  take(socket);
}

/** As Node's own server says it of headers that do not arrive. */
function refuseLate(server: Server, socket: Socket): void {
  const late = Object.assign(new Error('no request arrived in time'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' });
  server.emit('clientError', late, socket);
  // Its end is seen by who reads.
  socket.resume();
}
