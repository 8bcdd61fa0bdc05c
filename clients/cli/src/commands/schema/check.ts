import { readFile } from 'node:fs/promises';
import { extname, resolve } from 'node:path';
import { show, type CommandContext } from '../../command-context.js';
import { CommandFailed, EXIT, type ExitCode } from '../../exit-codes.js';
import { parseJsonObject } from '../../parse-json.js';
import { tableOf } from '../../table.js';
import {
  checkSchema,
  createRecordCheck,
  isAvro,
  type CheckedRecord,
  type RecordSchema,
  type SentRecord,
} from './check-records.js';
import { registrySchemas } from './registry-schemas.js';

export interface SchemaCheckOptions {
  /** Lines begin with the key and a tab. */
  keys?: boolean;
  type?: string;
  registry?: string;
  partitions: number;
}

/** Would the workers take these records? Asks no service, so that others may do it where they build. */
export async function check(
  context: CommandContext,
  names: readonly string[],
  { keys = false, type, registry, partitions }: SchemaCheckOptions,
): Promise<ExitCode> {
  const schemaOf = registry === undefined ? undefined : registrySchemas(registry);
  const checkRecord = createRecordCheck({ recordType: type, partitions, schemaOf });
  const checked: CheckedRecord[] = [];
  for (const name of names) {
    const content = await contentOf(context, name);
    if (extname(name) === '.avsc') {
      checked.push(checkSchema(name, schemaIn(content, name)));
      continue;
    }
    for (const record of recordsOf(name, content, keys)) checked.push(await checkRecord(record));
  }
  show(context, { records: checked }, () => textOf(checked));
  const wrong = checked.filter(({ problem }) => problem !== null).length;
  if (checked.length === 0) throw new CommandFailed(EXIT.usage, 'there is no record in what was given');
  if (wrong > 0)
    throw new CommandFailed(EXIT.refused, `${wrong} of ${checked.length} are not as they have to be`);
  return EXIT.ok;
}

function schemaIn(content: Buffer, name: string): RecordSchema {
  return parseJsonObject(content.toString('utf8'), name) as unknown as RecordSchema;
}

function textOf(checked: readonly CheckedRecord[]): string {
  const rows = checked.map(({ place, record, topic, key, partition, problem }) => [
    place,
    record,
    topic,
    key,
    partition,
    problem === null ? 'good' : problem.code,
  ]);
  const problems = checked.flatMap(({ place, problem }) =>
    problem === null ? [] : [`${place}: ${problem.code}: ${problem.detail}`],
  );
  return [tableOf(['where', 'record', 'topic', 'key', 'partition', 'is'], rows), ...problems].join('\n');
}

/** A file is one record in Avro, one JSON object over several lines, or a JSON object a line. */
function recordsOf(name: string, content: Buffer, keys: boolean): SentRecord[] {
  const lines = linesOf(content);
  if (!keys && (isAvro(content) || !(extname(name) === '.jsonl' || isJson(lines[0]))))
    return content.length === 0 ? [] : [{ place: name, value: content, key: undefined }];
  return lines.flatMap((line, index) =>
    line.length === 0 ? [] : [recordOfLine(`${name}:${index + 1}`, line, keys)],
  );
}

/** Does a line stand for itself? Only then a file holds a record a line. */
function isJson(line: Buffer | undefined): boolean {
  try {
    JSON.parse(String(line));
    return true;
  } catch {
    return false;
  }
}

function linesOf(content: Buffer): Buffer[] {
  const lines: Buffer[] = [];
  let from = 0;
  for (let at = content.indexOf(0x0a); at !== -1; at = content.indexOf(0x0a, from)) {
    lines.push(content.subarray(from, at));
    from = at + 1;
  }
  if (from < content.length) lines.push(content.subarray(from));
  return lines;
}

function recordOfLine(place: string, line: Buffer, keys: boolean): SentRecord {
  if (!keys) return { place, value: line, key: undefined };
  const tab = line.indexOf(0x09);
  if (tab === -1) throw new CommandFailed(EXIT.usage, `${place} has no tab behind a key, as --keys wants`);
  return { place, key: line.subarray(0, tab).toString('utf8'), value: line.subarray(tab + 1) };
}

async function contentOf({ terminal }: CommandContext, name: string): Promise<Buffer> {
  if (name === '-') return Buffer.from(await terminal.input());
  try {
    return await readFile(resolve(terminal.folder, name));
  } catch (cause) {
    const why = (cause as NodeJS.ErrnoException).code ?? 'unreadable';
    throw new CommandFailed(EXIT.usage, `${name} cannot be read (${why})`, { cause });
  }
}
