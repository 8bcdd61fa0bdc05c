import pg from 'pg';
import type { Armed } from './armed.js';

type Query = (this: object, ...args: unknown[]) => unknown;

/** The batch whose transaction a client is in. */
interface Batch {
  group: string;
  topics: string[];
}

/** Names of the statements by which a batch is known; their first two values are group and topic. */
const LOCKS_PROGRESS = 'lock_progress';
const MOVES_PROGRESS = 'move_progress';
const READS_STATES = 'current_states';

/** Sees every statement of this process and passes the points of the transactions that hold batches, and of reads. */
export function watchPostgres(armed: Armed): void {
  const prototype = pg.Client.prototype as unknown as { query: Query };
  const query = prototype.query;
  const batches = new WeakMap<object, Batch>();
  prototype.query = function (...args) {
    const { name, text } = statementOf(args[0]);
    if (name === LOCKS_PROGRESS) {
      const batch = batchOf(args[0]);
      batches.set(this, batch);
      armed.pass({ point: 'before-transaction', ...batch });
    }
    if (name === READS_STATES)
      return answered(query, this, args, () => armed.pass({ point: 'after-read', topics: [] }));
    const batch = batches.get(this);
    if (name === MOVES_PROGRESS && batch === undefined) {
      const alone = batchOf(args[0]);
      armed.pass({ point: 'before-transaction', ...alone });
      return answered(query, this, args, () => armed.pass({ point: 'after-transaction', ...alone }));
    }
    if (batch === undefined || (text !== 'commit' && text !== 'rollback')) return query.apply(this, args);
    batches.delete(this);
    if (text === 'rollback') return query.apply(this, args);
    armed.pass({ point: 'in-transaction', ...batch });
    return answered(query, this, args, () => armed.pass({ point: 'after-transaction', ...batch }));
  };
}

/** The statement, and `then` before its caller hears of the answer. Errors go past. */
function answered(query: Query, client: object, args: unknown[], then: () => void): unknown {
  const last = args.at(-1);
  if (typeof last !== 'function') {
    const promise = query.apply(client, args) as Promise<unknown>;
    return promise.then((result) => {
      then();
      return result;
    });
  }
  const callback = (error: unknown, result: unknown): void => {
    if (error === undefined || error === null) then();
    (last as (error: unknown, result: unknown) => void)(error, result);
  };
  return query.apply(client, [...args.slice(0, -1), callback]);
}

function statementOf(query: unknown): { name: string | undefined; text: string } {
  if (typeof query === 'string') return { name: undefined, text: query };
  const { name, text } = query as { name?: string; text?: string };
  return { name, text: text ?? '' };
}

function batchOf(query: unknown): Batch {
  const [group, topic] = (query as { values: unknown[] }).values;
  return { group: String(group), topics: [String(topic)] };
}
