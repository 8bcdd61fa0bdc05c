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

/**
 * Connections that end when something was asked over them and nothing at all came for `silenceMs`. kafkajs gives up the
 * request and keeps the connection: one that is dead without saying so would serve every later request as badly.
 */
export function answeringSockets(silenceMs: number): (options: SocketOptions) => Socket {
  return ({ host, port, ssl, onConnect }) => {
    const servername = isIP(host) === 0 ? { servername: host } : {};
    const socket =
      ssl === undefined || ssl === null
        ? connect({ host, port }, onConnect)
        : connectSecurely({ host, port, ...servername, ...ssl }, onConnect);
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
    endWhenSilent(socket, silenceMs);
    return socket;
  };
}

function endWhenSilent(socket: Socket, silenceMs: number): void {
  let waiting: NodeJS.Timeout | undefined;
  const write = socket.write.bind(socket) as (...asked: unknown[]) => boolean;
  socket.write = (...asked: unknown[]): boolean => {
    waiting ??= watch();
    return write(...asked);
  };
  const watch = (): NodeJS.Timeout => {
    const before = socket.bytesRead;
    return setTimeout(() => {
      waiting = undefined;
      if (socket.bytesRead > before) return;
      socket.destroy(new SomaError('event_log_unavailable', `Kafka said nothing for ${silenceMs} ms`));
    }, silenceMs).unref();
  };
  socket.once('close', () => {
    clearTimeout(waiting);
  });
}
