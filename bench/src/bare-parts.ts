import { migrate } from '@soma/postgres';
import { startEmbeddedPostgres } from '@soma/postgres/embedded';
import { freePort } from '@soma/testing';
import { makeDataDir } from '@soma/tests/system';
import { bareExpress } from './bare/express.js';
import { bareIndexSearch } from './bare/index-search.js';
import { barePostgres } from './bare/postgres.js';

export interface BareParts {
  expressPerSecond: number;
  postgresRowsPerSecond: number;
  indexSearchP50: number;
}

/** The same work on the parts alone, on the same machine in the same run. */
export async function measureBareParts(): Promise<BareParts> {
  const folder = await makeDataDir();
  const postgres = await startEmbeddedPostgres({ folder: folder.path, port: await freePort() });
  try {
    await migrate(postgres.url);
    return {
      expressPerSecond: await bareExpress(),
      postgresRowsPerSecond: await barePostgres(postgres.url),
      indexSearchP50: await bareIndexSearch(postgres.url),
    };
  } finally {
    await postgres.stop();
    await folder.remove();
  }
}
