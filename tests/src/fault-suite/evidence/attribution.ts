import type { Asked, History } from '../history/history.js';
import type { OperationRow } from './rows.js';

/** Which row of operations is which command's. */
export interface Attribution {
  byCommand: ReadonlyMap<Asked, OperationRow>;
  byRow: ReadonlyMap<OperationRow, Asked>;
}

/**
 * By the command's id where somebody was told it, or chose it; else by the hash of the request and the memory: a
 * caller who got no answer knows no id. Only deletions and unlinks can be equal in both; those are the same wish, so
 * any of them may stand for any other, refusals for refusals first.
 */
export function attribute(history: History, rows: readonly OperationRow[]): Attribution {
  const byCommand = new Map<Asked, OperationRow>();
  const byRow = new Map<OperationRow, Asked>();
  const give = (asked: Asked, row: OperationRow): void => {
    byCommand.set(asked, row);
    byRow.set(row, asked);
  };
  const known = new Map<string, Asked>();
  for (const asked of history.commands) if (asked.command_id !== null) known.set(asked.command_id, asked);
  const unknown: OperationRow[] = [];
  for (const row of rows) {
    const asked = known.get(row.command_id);
    // A second row of one command is left without one, and told of.
    if (asked !== undefined && !byCommand.has(asked)) give(asked, row);
    else if (asked === undefined) unknown.push(row);
  }
  const waiting = groupsOf(history.commands.filter((asked) => asked.command_id === null));
  for (const row of unknown) {
    const pool = waiting.get(placeText(row.request_hash, row.namespace, history.keyspace.keyOf(row.coord)));
    const asked = pool === undefined ? undefined : bestOf(pool, row);
    if (pool === undefined || asked === undefined) continue;
    pool.delete(asked);
    give(asked, row);
  }
  return { byCommand, byRow };
}

function groupsOf(commands: readonly Asked[]): Map<string, Set<Asked>> {
  const groups = new Map<string, Set<Asked>>();
  for (const asked of commands) {
    const place = placeText(asked.request_hash, asked.namespace, asked.key);
    const group = groups.get(place) ?? new Set();
    groups.set(place, group.add(asked));
  }
  return groups;
}

function placeText(hash: string | null, namespace: string, key: string): string {
  return `${hash ?? ''} ${namespace} ${key}`;
}

function bestOf(pool: ReadonlySet<Asked>, row: OperationRow): Asked | undefined {
  const candidates = [...pool];
  const saidSo = ({ told }: Asked) =>
    row.status === 'rejected' && told.outcome === 'rejected' && told.code === row.error_code;
  return (
    candidates.find(saidSo) ??
    candidates.find(({ told }) => told.outcome === 'unknown' || told.outcome === 'promised') ??
    candidates[0]
  );
}
