import pg from 'pg';

/** The Postgres of the system under test, as only a test may look into it. */
export class Store {
  readonly #pool = new pg.Pool({ connectionString: process.env['SOMA_ACCEPTANCE_POSTGRES'], max: 2 });

  /** Tables of which a row holds the text, as text or in bytes; topics that live in Postgres apart. */
  async tablesHolding(text: string): Promise<string[]> {
    const { rows } = await this.#pool.query<{ name: string }>(TABLES);
    const found: string[] = [];
    for (const { name } of rows) {
      const { rowCount } = await this.#pool.query(
        `select from ${name} as held where held::text like $1 or held::text like $2 limit 1`,
        [`%${text}%`, `%${Buffer.from(text).toString('hex')}%`],
      );
      if (rowCount === 1) found.push(name);
    }
    return found;
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }
}

const TABLES = `
  select tablename as name from pg_tables
  where schemaname = 'public' and tablename not like 'log\\_%'
  order by 1`;
