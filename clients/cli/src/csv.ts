import { CsvError, parse } from 'csv-parse/sync';
import { CommandFailed, EXIT } from './exit-codes.js';

/** One write, and the line that it stands in. */
export interface Line {
  line: number;
  operation: Record<string, unknown>;
}

/** Columns that are attributes of a memory; all others are fields of its payload. */
const TEXTS = ['op', 'coord', 'text', 'memory_type', 'user_id', 'agent_id', 'thread_id', 'actor'];
const TIMES = ['occurred_at', 'expires_at'];
const NUMBERS = ['importance', 'ttl_seconds', 'if_version'];
const TAGS = 'tags';

interface Parsed {
  record: Record<string, string>;
  info: { lines: number };
}

/** A write for each row under a head; an empty cell says nothing, tags are separated by spaces. @throws CommandFailed */
export function readCsv(text: string): Line[] {
  try {
    const options = { columns: true, bom: true, skip_empty_lines: true, trim: true, info: true } as const;
    const rows = parse(text, options) as unknown as Parsed[];
    return rows.map(({ record, info }) => ({ line: info.lines, operation: operationOf(record) }));
  } catch (cause) {
    if (!(cause instanceof CsvError)) throw cause;
    throw new CommandFailed(EXIT.usage, `nothing was sent: ${cause.message}`, { cause });
  }
}

function operationOf(record: Record<string, string>): Record<string, unknown> {
  const operation: Record<string, unknown> = { op: 'put' };
  const payload: Record<string, string> = {};
  for (const [name, cell] of Object.entries(record)) {
    if (cell === '') continue;
    if (TEXTS.includes(name) || TIMES.includes(name)) operation[name] = cell;
    else if (NUMBERS.includes(name)) operation[name] = Number.isNaN(Number(cell)) ? cell : Number(cell);
    else if (name === TAGS) operation[name] = cell.split(/\s+/);
    else payload[name] = cell;
  }
  if (operation['op'] !== 'delete') operation['payload'] = payload;
  return operation;
}
