import type { OperationRow } from '../evidence/rows.js';
import type { Asked } from '../history/history.js';
import { nameOf } from '../model/replay.js';
import { called, type Invariant, type Sentence } from './invariant.js';

/** What was acknowledged is there, and ended as its answer said; what was promised came to an end. */
export const NOTHING_LOST: Invariant = {
  name: 'nothing-lost',
  title: 'No acknowledged command is lost',
  check: (evidence) => {
    const versions = new Map(
      evidence.stored.versions.map((row) => [`${nameOf(row.namespace, row.key)} ${row.version}`, row]),
    );
    const sentences = evidence.unsettled.map(
      (asked) => `${called(asked)} never came to an end anyone could learn of`,
    );
    for (const asked of evidence.history.commands) {
      const row = evidence.attribution.byCommand.get(asked);
      const fault = faultOf(asked, row);
      if (fault !== undefined) sentences.push(`${called(asked)} ${fault}`);
      if (fault !== undefined || row === undefined || row.version === null || isOfLink(row)) continue;
      if (
        versions.get(`${nameOf(row.namespace, asked.key)} ${row.version}`)?.operation_id !== row.command_id
      ) {
        sentences.push(
          `${called(asked)} made version ${row.version}, which history does not have as its own`,
        );
      }
    }
    return sentences;
  },
};

function faultOf(asked: Asked, row: OperationRow | undefined): Sentence | undefined {
  const { told } = asked;
  switch (told.outcome) {
    case 'unknown':
      return undefined;
    case 'promised':
      return row === undefined ? 'was accepted and never carried out' : undefined;
    case 'refused':
      return row === undefined ? undefined : `was refused with ${told.code} and carried out all the same`;
    case 'rejected':
      if (row === undefined) return `was answered ${told.code} and left no operation`;
      return row.error_code === told.code ? undefined : `was answered ${told.code}, but ended ${endOf(row)}`;
    case 'done':
      if (row === undefined) return `was acknowledged with version ${told.version ?? 'none'} and is lost`;
      if (row.status !== 'stored') return `was acknowledged and ended ${endOf(row)}`;
      if (told.version !== row.version) {
        return `was acknowledged with version ${told.version ?? 'none'} and has version ${row.version ?? 'none'}`;
      }
      if (told.revision !== null && told.revision !== row.revision) {
        return `was acknowledged with revision ${told.revision} and has revision ${row.revision ?? 'none'}`;
      }
      if (told.deleted !== null && told.deleted !== row.deleted) {
        return `was answered deleted: ${told.deleted}, but that is ${String(row.deleted)}`;
      }
      return undefined;
  }
}

function isOfLink({ topic }: OperationRow): boolean {
  return topic === 'graph.commands';
}

function endOf({ status, error_code: code }: OperationRow): string {
  return code === null ? status : `${status} with ${code}`;
}
