import type { NewRecord } from '@soma/event-log';
import { recordKey, redriveHeader, TOPICS } from '@soma/events';
import type { KeptDeadLetter, RecordPosition } from '@soma/ledger';
import { formatTime, isNamespace, isUuid } from '@soma/memory';
import { tokenOf } from '../consistency.js';
import { RequestRefused } from '../refusal.js';
import { currentOf, readLetter, type Current } from './dead-letter-views.js';
import type { AdminRouteDeps } from './route-deps.js';

/** What was asked for, and who asked. */
interface Redrive {
  force: boolean;
  by: string;
}

export interface Redriven {
  /** Where the record stands now. */
  at: RecordPosition;
  /** What its command would change; null where there is nothing. */
  current: Current | null;
  /** How to follow it; null of a record that is no command, or whose command nobody can ask for. */
  following: { operation_id: string; token: string } | null;
}

type Deps = Pick<AdminRouteDeps, 'ledger' | 'log' | 'codec' | 'installation' | 'settings'>;

/**
 * Produces the record of a letter again, as it was, with the header that lets it replace this very refusal. The letter
 * is settled after that: failing between the two leaves it open, and what is then produced twice takes effect once.
 * @throws RequestRefused already_settled, version_conflict; what the log refuses it with
 */
export async function redrive(letter: KeptDeadLetter, { force, by }: Redrive, deps: Deps): Promise<Redriven> {
  requireOpen(letter, force);
  const { record } = await readLetter(letter, deps.codec);
  const current = await currentOf(letter, record, deps);
  if (current?.newer === true && letter.topic !== TOPICS.memoryEvents && !force) throw changedSince(current);
  const { generation } = deps.installation.current();
  const timeoutMs = deps.settings.SOMA_PRODUCE_TIMEOUT_MS;
  const [appended] = await deps.log.append([recordOf(letter)], { timeoutMs });
  if (appended?.ok !== true) {
    throw appended?.error ?? new RequestRefused('internal', 'the log gave no result for a record');
  }
  const { topic, partition, position } = appended;
  const at = { topic, generation, partition, position };
  const redriven_to = { generation, partition, position };
  const settled = await deps.ledger.settleDeadLetter({ id: letter.id, by, redriven_to, force });
  if (!settled)
    throw new RequestRefused('already_settled', 'another request dealt with it at the same moment');
  return { at, current, following: followingOf(letter, at, deps) };
}

function requireOpen({ status, erased_at }: KeptDeadLetter, force: boolean): void {
  if (erased_at !== null)
    throw new RequestRefused('already_settled', 'its content was erased; nothing can be sent');
  if (status !== 'open' && !force) {
    throw new RequestRefused('already_settled', `it was ${status} before; {"force": true} sends it again`);
  }
}

function changedSince({ version, deleted, updated_at }: Current): RequestRefused {
  const now = deleted ? `deleted as version ${version}` : `version ${version}`;
  return new RequestRefused(
    'version_conflict',
    `what it would change is ${now} since ${formatTime(updated_at)}, after it was refused; {"force": true} sends it all the same`,
  );
}

/** Commands go where their memory's order is, whatever the first sender thought; events to the partition they had. */
function recordOf(letter: KeptDeadLetter): NewRecord {
  const { topic, partition, value, namespace, memory_key } = letter;
  const headers = { ...letter.headers, ...redriveHeader(letter) };
  if (topic === TOPICS.memoryEvents) return { topic, key: letter.key, partition, value, headers };
  const key = namespace === null || memory_key === null ? letter.key : recordKey(namespace, memory_key);
  return key === null ? { topic, key, partition, value, headers } : { topic, key, value, headers };
}

function followingOf(
  { command_id, namespace }: KeptDeadLetter,
  { topic, generation, partition, position }: RecordPosition,
  { installation }: Pick<AdminRouteDeps, 'installation'>,
): Redriven['following'] {
  if (topic === TOPICS.memoryEvents || command_id === null || !isUuid(command_id)) return null;
  if (namespace === null || !isNamespace(namespace)) return null;
  const positions = { generation, positions: { [topic]: { [partition]: position } } };
  return {
    operation_id: command_id.toLowerCase(),
    token: tokenOf(positions, null, installation.current(), namespace),
  };
}
