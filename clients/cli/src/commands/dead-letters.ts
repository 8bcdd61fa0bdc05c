import { show, type CommandContext } from '../command-context.js';
import { CommandFailed, EXIT, type ExitCode } from '../exit-codes.js';
import { pairsOf, tableOf, type Cell } from '../table.js';

interface DeadLetter {
  id: number;
  status: string;
  group: string;
  topic: string;
  partition: number;
  position: number;
  generation: number;
  code: string;
  message: string;
  attempts: number;
  namespace: string | null;
  coord: string | null;
  command_id: string | null;
  first_failed_at: string;
  recorded_at: string;
}

interface WholeDeadLetter extends DeadLetter {
  key: string | null;
  headers: Record<string, string>;
  value_base64: string | null;
  record: unknown;
  decode_error: { code: string; detail: string } | null;
  current: Current | null;
}

interface Current {
  version: number;
  deleted: boolean;
  updated_at: string;
  newer?: boolean;
}

export interface ListOptions {
  status: string;
  group?: string;
  code?: string;
  topic?: string;
  limit: number;
  cursor?: string;
  /** Of the command line alone: a default namespace narrows no list of all. */
  namespace?: string;
}

export async function list(context: CommandContext, options: ListOptions): Promise<void> {
  const { status, ...rest } = options;
  const query = { ...rest, status: status === 'all' ? undefined : status };
  const { body } = await context.api.call<{ dead_letters: DeadLetter[]; next_cursor: string | null }>(
    'GET',
    '/admin/dead-letters',
    { query },
  );
  show(context, body, () => listText(body.dead_letters, body.next_cursor));
}

function listText(letters: readonly DeadLetter[], next: string | null): string {
  if (letters.length === 0) return 'no dead letters';
  const head = ['id', 'status', 'group', 'record', 'code', 'namespace', 'coord', 'tries', 'when'];
  const rows = letters.map((letter) => [
    letter.id,
    letter.status,
    letter.group,
    recordOf(letter),
    letter.code,
    letter.namespace,
    letter.coord,
    letter.attempts,
    letter.recorded_at,
  ]);
  const more = next === null ? '' : `\nmore: --cursor ${next}`;
  return `${tableOf(head, rows)}${more}`;
}

export async function inspect(context: CommandContext, id: string): Promise<void> {
  const { body } = await context.api.call<{ dead_letter: WholeDeadLetter }>('GET', pathOf(id));
  show(context, body, () => wholeText(body.dead_letter));
}

function wholeText(letter: WholeDeadLetter): string {
  const { record, headers, value_base64, decode_error } = letter;
  const pairs: [string, Cell][] = [
    ['id', letter.id],
    ['status', letter.status],
    ['refused by', letter.group],
    ['record', `${recordOf(letter)} (generation ${letter.generation})`],
    ['code', letter.code],
    ['message', letter.message],
    ['attempts', letter.attempts],
    ['namespace', letter.namespace],
    ['coord', letter.coord],
    ['command id', letter.command_id],
    ['first failed', letter.first_failed_at],
    ['recorded', letter.recorded_at],
    ['key', letter.key],
    ['now', currentText(letter.current)],
    ...Object.entries(headers).map(([name, value]): [string, Cell] => [`header ${name}`, value]),
  ];
  if (record !== null) return `${pairsOf(pairs)}\n${JSON.stringify(record, null, 2)}`;
  if (decode_error !== null) pairs.push(['unreadable', `${decode_error.code}: ${decode_error.detail}`]);
  pairs.push(['bytes (base64)', value_base64]);
  return pairsOf(pairs);
}

/** Carries out each that it can, and ends with a failure when one was refused. */
export function redrive(context: CommandContext, ids: readonly string[], force: boolean): Promise<ExitCode> {
  return each(context, ids, 'redrive', { force });
}

export function discard(context: CommandContext, ids: readonly string[]): Promise<ExitCode> {
  return each(context, ids, 'discard');
}

interface Changed {
  dead_letter?: DeadLetter;
  operation_id?: string | null;
}

async function each(
  context: CommandContext,
  ids: readonly string[],
  act: 'redrive' | 'discard',
  body?: { force: boolean },
): Promise<ExitCode> {
  let exitCode: ExitCode = EXIT.ok;
  for (const id of ids) {
    try {
      const sent = body === undefined ? {} : { body };
      const answer = await context.api.call<Changed>('POST', `${pathOf(id)}/${act}`, sent);
      show(context, answer.body, () => changedText(id, act, answer.body));
    } catch (error) {
      if (!(error instanceof CommandFailed) || error.exitCode !== EXIT.refused) throw error;
      context.terminal.note(`soma: dead letter ${id}: ${error.message}`);
      exitCode = EXIT.refused;
    }
  }
  return exitCode;
}

function changedText(id: string, act: 'redrive' | 'discard', { operation_id, dead_letter }: Changed): string {
  if (act === 'discard') return `${id} discarded`;
  if (operation_id === undefined || operation_id === null) return `${id} sent again`;
  const where = dead_letter?.namespace ?? null;
  const within = where === null ? '' : ` in namespace ${where}`;
  return `${id} sent again; what becomes of it: GET /operations/${operation_id}${within}`;
}

function pathOf(id: string): string {
  return `/admin/dead-letters/${encodeURIComponent(id)}`;
}

function recordOf({ topic, partition, position }: DeadLetter): string {
  return `${topic}/${partition}@${position}`;
}

function currentText(current: Current | null): string | null {
  if (current === null) return null;
  const what = current.deleted ? 'deleted' : 'stored';
  const newer = current.newer === true ? '; newer than this record: redrive needs --force' : '';
  return `version ${current.version}, ${what} ${current.updated_at}${newer}`;
}
