import { readFileSync } from 'node:fs';
import { migrate } from './migrate.js';

const file = process.env['SOMA_POSTGRES_URL_FILE'];
const url =
  process.env['SOMA_POSTGRES_URL'] ?? (file === undefined ? undefined : readFileSync(file, 'utf8').trim());
if (url === undefined || url === '') {
  process.stderr.write(
    'SOMA_POSTGRES_URL: missing; give the database to migrate, as in postgres://soma:<password>@localhost:40021/soma\n',
  );
  process.exit(1);
}
const ran = await migrate(url);
process.stdout.write(ran.length === 0 ? 'The schema is up to date.\n' : `Migrated: ${ran.join(', ')}\n`);
