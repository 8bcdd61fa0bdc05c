import { Inbox, type InboxEntry, type Outcome } from '@soma/ledger/postgres';
import { parseCoordinate, SomaError, type Link, type LinkCommand, type LinkMemories } from '@soma/memory';
import type { Queryable } from '@soma/postgres';
import type { AppliedLink, LinkBatch, PositionedLinkCommand } from '../port.js';
import type { LinkId } from '../link-checks.js';
import { linkIdText } from './link-row.js';
import { endText, lockLinks, shareEnds, type LinkEnds } from './lock-links.js';
import { deleteLinks, writeLinks } from './write-links.js';

/** The links that a batch touches, as they stand after the commands so far; undefined where there is none. */
interface Working {
  ends: LinkEnds;
  links: Map<string, Link | undefined>;
  changed: Map<string, LinkId>;
}

/** One batch in the caller's transaction. */
export async function applyLinks(tx: Queryable, batch: LinkBatch): Promise<AppliedLink[]> {
  const entries = batch.commands.map(entryOf);
  const inbox = await Inbox.open(tx, batch.progress, entries);
  const touched = entries.filter((entry) => inbox.mayBeNew(entry)).map((entry) => entry.id);
  const ends = await shareEnds(tx, touched);
  const working: Working = { ends, links: await lockLinks(tx, touched), changed: new Map() };
  const applied = entries.flatMap((entry) => applyOne(entry, inbox, working));
  const changed = [...working.changed].map(([text, id]) => ({ id, link: working.links.get(text) }));
  await writeLinks(
    tx,
    changed.flatMap(({ link }) => link ?? []),
    ends,
  );
  await deleteLinks(
    tx,
    changed.filter(({ link }) => link === undefined).map(({ id }) => id),
  );
  await inbox.close();
  return applied;
}

interface Entry extends InboxEntry {
  command: LinkCommand;
  id: LinkId;
}

function entryOf({ position, command, redrive_of }: PositionedLinkCommand): Entry {
  const from = parseCoordinate(command.from_coord);
  const to = parseCoordinate(command.to_coord);
  if (from === undefined || to === undefined) {
    throw new SomaError('internal', 'apply was given a command that checkCommand refuses');
  }
  const { namespace, link_type } = command;
  const id = { namespace, from_key: from.key, link_type, to_key: to.key };
  return { position, envelope: command, coord: command.from_coord, redrive_of, command, id };
}

/** Empty when nothing is known of it any more. */
function applyOne(entry: Entry, inbox: Inbox, working: Working): AppliedLink[] {
  const { position } = entry;
  const answer = inbox.answer(entry);
  switch (answer.verdict) {
    case 'forgotten':
      return [];
    case 'known':
      return [{ position, operation: answer.operation, replayed: answer.replayed }];
    case 'new':
      return [{ position, operation: inbox.record(entry, carryOut(entry, inbox, working)), replayed: false }];
  }
}

const STORED = {
  status: 'stored',
  deleted: null,
  created: false,
  version: null,
  memory_type: null,
  error: null,
} as const;

const NOTHING_REMOVED: Outcome = { ...STORED, deleted: false };
const END_NOT_FOUND: Outcome = {
  ...STORED,
  status: 'rejected',
  error: { code: 'memory_not_found', detail: 'there is no memory at an end of the link' },
};

/**
 * Who is bound to a user links that user's live memories alone: a link to a coord that is free would otherwise wait
 * there for the memory of another.
 */
function seesEnds({ id, command }: Entry, ends: LinkEnds): boolean {
  const { bound_to_user } = command;
  if (bound_to_user === null) return true;
  return [id.from_key, id.to_key].every((key) => {
    const end = ends.get(endText(id.namespace, key));
    return end?.live === true && end.user_id === bound_to_user;
  });
}

function carryOut(entry: Entry, inbox: Inbox, { ends, links, changed }: Working): Outcome {
  const { id, command, position } = entry;
  if (!seesEnds(entry, ends)) return command.type === 'LinkMemories' ? END_NOT_FOUND : NOTHING_REMOVED;
  const text = linkIdText(id);
  const current = links.get(text);
  if (command.type === 'LinkMemories') {
    const link = linked(current, id, command, { now: inbox.now, revision: inbox.revisionAt(position) });
    links.set(text, link);
    changed.set(text, id);
    return { ...STORED, created: current === undefined, version: link.version };
  }
  if (current === undefined) return NOTHING_REMOVED;
  links.set(text, undefined);
  changed.set(text, id);
  return { ...STORED, deleted: true, version: current.version + 1 };
}

/** Linking again replaces weight and properties. A link leaves no tombstone: made again, it counts from 1. */
function linked(
  current: Link | undefined,
  id: LinkId,
  command: LinkMemories,
  moment: { now: number; revision: number },
): Link {
  return {
    ...id,
    from_coord: command.from_coord,
    to_coord: command.to_coord,
    weight: command.weight,
    properties: command.properties,
    version: (current?.version ?? 0) + 1,
    revision: moment.revision,
    created_at: current?.created_at ?? moment.now,
    updated_at: moment.now,
  };
}
