import type { Evidence } from '../evidence/evidence.js';
import type { LinkRow, OperationRow } from '../evidence/rows.js';
import type { Asked } from '../history/history.js';
import { nameOf } from '../model/replay.js';
import { called, type Sentence } from './invariant.js';

/** Links are those asked for last, less those that lost an end since; nothing else. */
export function graphFaults(evidence: Evidence): Sentence[] {
  const wanted = lastOfEach(evidence);
  const found = new Map(evidence.stored.links.map((link) => [linkName(link.namespace, link), link]));
  const deletions = deletionsOf(evidence);
  return [
    ...[...found].flatMap(([name, link]) => extraFault(name, link, wanted.get(name), deletions)),
    ...[...wanted].flatMap(([name, last]) => (found.has(name) ? [] : missingFault(name, last, deletions))),
  ];
}

interface Last {
  asked: Asked;
  row: OperationRow;
}

/** The last command that was carried out for each link, by the order of the log. */
function lastOfEach({ attribution, stored }: Evidence): Map<string, Last> {
  const last = new Map<string, Last>();
  for (const row of stored.operations) {
    const asked = attribution.byRow.get(row);
    if (row.topic !== 'graph.commands' || row.status !== 'stored' || asked === undefined) continue;
    const { key: from_key, to_key = '', link_type = '' } = asked;
    last.set(linkName(asked.namespace, { from_key, to_key, link_type }), { asked, row });
  }
  return last;
}

interface Deletion {
  revision: number;
  at: number;
}

function deletionsOf({ stored }: Evidence): Map<string, Deletion[]> {
  const deletions = new Map<string, Deletion[]>();
  for (const { namespace, key, revision, at, state } of stored.versions) {
    if (state['deleted'] !== true) continue;
    const name = nameOf(namespace, key);
    deletions.set(name, [...(deletions.get(name) ?? []), { revision, at }]);
  }
  return deletions;
}

type Deletions = ReadonlyMap<string, readonly Deletion[]>;

function extraFault(name: string, link: LinkRow, last: Last | undefined, deletions: Deletions): Sentence[] {
  if (last === undefined) return [`link ${name} was asked for by nobody`];
  if (last.asked.type === 'unlink') return [`link ${name} is there after ${called(last.asked)}`];
  if (link.revision !== last.row.revision) {
    return [
      `link ${name} is at revision ${link.revision}, but ${called(last.asked)} made ${last.row.revision ?? 'none'}`,
    ];
  }
  if (link.weight !== last.asked.content['weight'] || link.properties['marker'] !== last.asked.n) {
    return [`link ${name} is not as ${called(last.asked)} made it`];
  }
  const ends = [
    [link.from_key, link.from_revision],
    [link.to_key, link.to_revision],
  ] as const;
  return ends.flatMap(([key, seen]) => {
    const later = deletions.get(nameOf(link.namespace, key))?.find(({ revision }) => revision > seen);
    if (later === undefined) return [];
    return [
      `link ${name} outlived the deletion of ${key} at revision ${later.revision}; it was made at ${seen}`,
    ];
  });
}

/**
 * Gone by a deletion of an end after the link was made. The link's time is taken before it looks at its ends, so a
 * deletion in that moment may count for either; one a good deal earlier cannot have removed it.
 */
function missingFault(name: string, { asked, row }: Last, deletions: Deletions): Sentence[] {
  if (asked.type === 'unlink') return [];
  const ends = [asked.key, asked.to_key ?? ''];
  const explained = ends.some((key) =>
    deletions.get(nameOf(asked.namespace, key))?.some(({ at }) => at > row.recorded_at - SLACK_MS),
  );
  return explained
    ? []
    : [`link ${name} of ${called(asked)} is not there, and no end of it was deleted since`];
}

const SLACK_MS = 60_000;

function linkName(namespace: string, link: Pick<LinkRow, 'from_key' | 'link_type' | 'to_key'>): string {
  return `${namespace}/${link.from_key} -${link.link_type}-> ${link.to_key}`;
}
