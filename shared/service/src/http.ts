import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SomaError } from '@soma/memory';

export interface ListenOptions {
  host: string;
  /** 0 lets the system choose. */
  port: number;
  /** Names of the settings that the host and port came from; an error says which to change. */
  hostSetting: string;
  portSetting: string;
}

/** Resolves with the address once connections are taken. @throws SomaError invalid_configuration when they cannot be. */
export function listen(server: Server, options: ListenOptions): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException): void => {
      reject(listenError(error, options));
    };
    server.once('error', fail);
    server.listen(options.port, options.host, () => {
      server.off('error', fail);
      resolve(server.address() as AddressInfo);
    });
  });
}

function listenError(error: NodeJS.ErrnoException, options: ListenOptions): Error {
  const { host, port, hostSetting, portSetting } = options;
  switch (error.code) {
    case 'EADDRINUSE':
      return new SomaError(
        'invalid_configuration',
        `port ${port} on ${host} is in use: stop what listens there, or set ${portSetting} to a free port`,
        { cause: error },
      );
    case 'EACCES':
      return new SomaError(
        'invalid_configuration',
        `port ${port} is not for this user: set ${portSetting} to one above 1023`,
        { cause: error },
      );
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new SomaError(
        'invalid_configuration',
        `${host} is no address of this machine: set ${hostSetting} to one that is, or to 0.0.0.0 for all`,
        { cause: error },
      );
    default:
      return error;
  }
}

/** How often connections that have become idle are closed while a server is closing, milliseconds. */
const IDLE_SWEEP_MS = 25;

/**
 * Takes no more connections, lets running requests finish for `graceMs`, closes keep-alive connections as they
 * become idle, then cuts what is left. Resolves when every connection is gone; harmless on a server not listening.
 */
export async function closeServer(server: Server, graceMs: number): Promise<void> {
  if (!server.listening) return;
  const closed = new Promise<void>((resolve) => {
    server.close(() => {
      resolve();
    });
  });
  // close() itself ends only the connections that are idle at that moment.
  const sweep = setInterval(() => {
    server.closeIdleConnections();
  }, IDLE_SWEEP_MS);
  const deadline = setTimeout(() => {
    server.closeAllConnections();
  }, graceMs);
  await closed;
  clearInterval(sweep);
  clearTimeout(deadline);
}
