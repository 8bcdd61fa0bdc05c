import { connect, isIP, type Socket } from 'node:net';
import { connect as connectSecurely, type ConnectionOptions } from 'node:tls';
import { SomaError } from '@soma/memory';

const KEEP_ALIVE_MS = 60_000;

/** What kafkajs gives to its socket factory. */
interface SocketOptions {
  host: string;
  port: number;
  ssl?: ConnectionOptions | null | undefined;
  onConnect: () => void;
}

/** How long an answer may take, milliseconds. */
export interface Silence {
  /** To a join of a group and to a sync, which wait for all other members. */
  group: number;
  /** To anything else. */
  other: number;
}

/** Kafka's numbers of the requests JoinGroup and SyncGroup; the number stands behind the length, in each request. */
const GROUP_REQUESTS: ReadonlySet<number> = new Set([11, 14]);
const API_KEY_AT = 4;

/**
 * Connections that end when something was asked over them and nothing at all came in time. kafkajs gives up the
 * request and keeps the connection: one that is dead without saying so would serve every later request as badly.
 */
export function answeringSockets(silence: Silence): (options: SocketOptions) => Socket {
  return ({ host, port, ssl, onConnect }) => {
    const servername = isIP(host) === 0 ? { servername: host } : {};
    const socket =
      ssl === undefined || ssl === null
        ? connect({ host, port }, onConnect)
        : connectSecurely({ host, port, ...servername, ...ssl }, onConnect);
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
    endWhenSilent(socket, silence);
    return socket;
  };
}

function endWhenSilent(socket: Socket, silence: Silence): void {
  let timer: NodeJS.Timeout | undefined;
  /** On the clock of performance.now(); of what was asked since something last came. */
  let due = 0;
  let read = 0;
  const watch = (): void => {
    timer = undefined;
    if (socket.bytesRead > read) return;
    const left = due - performance.now();
    if (left > 0) timer = setTimeout(watch, left).unref();
    else socket.destroy(new SomaError('event_log_unavailable', 'Kafka did not answer in time'));
  };
  const write = socket.write.bind(socket) as (...asked: unknown[]) => boolean;
  socket.write = (...asked: unknown[]): boolean => {
    const [request] = asked;
    const wait = isGroupRequest(request) ? silence.group : silence.other;
    const isFirst = socket.bytesRead > read || due === 0;
    read = socket.bytesRead;
    const until = performance.now() + wait;
    // Later requests do not put off the moment at which the first should have been answered, unless they wait longer.
    due = isFirst ? until : Math.max(due, wait === silence.group ? until : 0);
    timer ??= setTimeout(watch, wait).unref();
    return write(...asked);
  };
  socket.once('close', () => {
    clearTimeout(timer);
  });
}

function isGroupRequest(request: unknown): boolean {
  return (
    Buffer.isBuffer(request) &&
    request.length > API_KEY_AT + 2 &&
    GROUP_REQUESTS.has(request.readInt16BE(API_KEY_AT))
  );
}
