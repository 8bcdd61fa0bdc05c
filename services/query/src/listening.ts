import type { Server } from 'node:http';
import { closeServer, listen, type Service } from '@soma/service';

/** Reads under way may take this long to finish when the process stops. */
const GRACE_MS = 10_000;

/** The internal port as a part of the process: last to open, first to close. */
export function listening(server: Server, host: string, port: number): Service {
  return {
    name: 'query-port',
    start: async () => {
      await listen(server, { host, port, hostSetting: 'SOMA_QUERY_HOST', portSetting: 'SOMA_QUERY_PORT' });
    },
    stop: () => closeServer(server, GRACE_MS),
    liveness: () => server.listening,
    readiness: () => Promise.resolve({ port: server.listening }),
  };
}
