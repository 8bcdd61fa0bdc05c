import { inTransaction, timestamp, withStoreErrors, type Queryable } from '@soma/postgres';
import type pg from 'pg';
import type { KnownSecret, NewToken, Rotation, Token, Tokens, TokenState } from '../tokens.js';

/** Tokens as rows; the pool stays the caller's to end. */
export function createPostgresTokens({ pool }: { pool: pg.Pool }): Tokens {
  return {
    create: (token, most) => inTransaction(pool, (tx) => create(tx, token, most)),
    get: (tokenId) => withStoreErrors(() => one(pool, GET, [tokenId])),
    list: ({ before, limit, ended }) => withStoreErrors(() => many(pool, LIST, [before, limit, ended])),
    rotate: (rotation) => inTransaction(pool, (tx) => rotate(tx, rotation)),
    revoke: ({ token_id, by }) =>
      withStoreErrors(async () => (await one(pool, REVOKE, [token_id, by])) ?? one(pool, GET, [token_id])),
    changed: (known, most) => withStoreErrors(() => changed(pool, known, most)),
    removeEnded: (before) =>
      withStoreErrors(async () => {
        await pool.query(REMOVE_ENDED_SECRETS, [timestamp(before)]);
        return (await pool.query(REMOVE_ENDED_TOKENS, [timestamp(before)])).rowCount ?? 0;
      }),
  };
}

async function many(connection: Queryable, statement: string, values: unknown[]): Promise<Token[]> {
  return (await connection.query<Token>(statement, values)).rows;
}

async function one(connection: Queryable, statement: string, values: unknown[]): Promise<Token | undefined> {
  return (await many(connection, statement, values))[0];
}

const COLUMNS = `token_id, description, role, namespaces, user_id, rates, expires_at, created_at, created_by,
  rotated_at, revoked_at, revoked_by`;
const HAS_NOT_ENDED = `revoked_at is null and (expires_at is null or expires_at > now())`;

/** One after the other, so that two do not both take the last place. */
async function create(tx: Queryable, token: NewToken, most: number): Promise<Token | undefined> {
  await tx.query(LOCK);
  const { rows } = await tx.query<{ count: number }>(COUNT);
  if ((rows[0]?.count ?? 0) >= most) return undefined;
  const { token_id, description, role, namespaces, user_id, rates, expires_at, by, digest } = token;
  const values = [token_id, description, role, namespaces, user_id, JSON.stringify(rates)];
  const made = await one(tx, CREATE, [...values, timestamp(expires_at), by]);
  await tx.query(ADD_SECRET, [token_id, digest]);
  return made;
}

async function rotate(tx: Queryable, { token_id, digest, overlap_ms }: Rotation): Promise<Token | undefined> {
  const rotated = await one(tx, ROTATE, [token_id]);
  if (rotated === undefined) return undefined;
  await tx.query(REMOVE_FORMER_SECRETS, [token_id]);
  await tx.query(RETIRE_SECRET, [token_id, overlap_ms]);
  await tx.query(ADD_SECRET, [token_id, digest]);
  return rotated;
}

type SecretRow = Omit<KnownSecret, 'digest'> & { digest: Buffer };

async function changed(pool: pg.Pool, known: string | null, most: number): Promise<TokenState | undefined> {
  const { rows } = await pool.query<{ state: string }>(STATE);
  const state = rows[0]?.state ?? '';
  if (state === known) return undefined;
  // Read after the state: what changed between the two is read again for the next state.
  const { rows: secrets } = await pool.query<SecretRow>(SECRETS, [most]);
  return { state, secrets: secrets.map((row) => ({ ...row, digest: row.digest.toString('hex') })) };
}

const LOCK = `select state from token_state for update`;
const COUNT = `select count(*) as count from tokens where ${HAS_NOT_ENDED}`;

const CREATE = `
  insert into tokens (token_id, description, role, namespaces, user_id, rates, expires_at, created_by)
  values ($1, $2, $3, $4, $5, $6, $7, $8)
  returning ${COLUMNS}`;

const ADD_SECRET = `insert into token_secrets (token_id, digest) values ($1, $2)`;

const GET = `select ${COLUMNS} from tokens where token_id = $1`;

const LIST = `
  select ${COLUMNS} from tokens
  where ($1::uuid is null or token_id < $1) and ($3 or ${HAS_NOT_ENDED})
  order by token_id desc
  limit $2`;

const ROTATE = `
  update tokens set rotated_at = now() where token_id = $1 and ${HAS_NOT_ENDED}
  returning ${COLUMNS}`;

const REMOVE_FORMER_SECRETS = `delete from token_secrets where token_id = $1 and expires_at is not null`;

const RETIRE_SECRET = `
  update token_secrets set expires_at = now() + $2 * interval '1 millisecond' where token_id = $1`;

const REVOKE = `
  update tokens set revoked_at = now(), revoked_by = $2 where token_id = $1 and revoked_at is null
  returning ${COLUMNS}`;

const STATE = { name: 'token_state', text: 'select state from token_state' };

const SECRETS = `
  select secret.digest, token_id, role, namespaces, user_id, rates,
    least(tokens.expires_at, secret.expires_at) as expires_at
  from token_secrets as secret join tokens using (token_id)
  where revoked_at is null
    and (tokens.expires_at is null or tokens.expires_at > now())
    and (secret.expires_at is null or secret.expires_at > now())
  order by token_id desc
  limit $1`;

const REMOVE_ENDED_SECRETS = `delete from token_secrets where expires_at < $1`;
const REMOVE_ENDED_TOKENS = `delete from tokens where revoked_at < $1 or expires_at < $1`;
