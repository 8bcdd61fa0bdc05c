import { startPostgres } from './servers/postgres.js';

/** Starts the real servers that integration tests share and says where they are by SOMA_TEST_…_URL. */
export async function startTestServers(): Promise<{ stop(): Promise<void> }> {
  const postgres = await startPostgres();
  process.env['SOMA_TEST_POSTGRES_URL'] = postgres.url;
  return { stop: () => postgres.stop() };
}
