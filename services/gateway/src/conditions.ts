import { NO_CONDITIONS, type Conditions, type Memory, type Operation, type VersionMatch } from '@soma/memory';
import { invalidHeader } from './refusal.js';

/** Entity tag of a memory: version and revision, `"3-1099511627776"`. */
export function etagOf(state: Pick<Memory, 'version' | 'revision'>): string {
  return `"${state.version}-${state.revision}"`;
}

/** Entity tag of what an operation made; undefined when it made no version. */
export function etagOfOperation(operation: Operation): string | undefined {
  const { version, revision } = operation;
  return version === null || revision === null ? undefined : etagOf({ version, revision });
}

const ENTRY = /^"(\d{1,15})(?:-(\d{1,16}))?"$/;

/** Conditions of a write from If-Match and If-None-Match (RFC 9110 section 13.1). */
export function parseConditions(ifMatch: string | undefined, ifNoneMatch: string | undefined): Conditions {
  if (ifNoneMatch !== undefined && ifNoneMatch.trim() !== '*') {
    throw invalidHeader('If-None-Match', 'on a write only * is taken');
  }
  return {
    ...NO_CONDITIONS,
    if_absent: ifNoneMatch !== undefined,
    if_exists: ifMatch?.trim() === '*',
    if_match: ifMatch === undefined || ifMatch.trim() === '*' ? null : ifMatch.split(',').map(parseEntry),
  };
}

function parseEntry(text: string): VersionMatch {
  const match = ENTRY.exec(text.trim());
  const [version, revision] = [Number(match?.[1]), match?.[2] === undefined ? null : Number(match[2])];
  // Weak tags never match in If-Match, so one is a mistake that is better said than answered with 412.
  if (match === null || !Number.isSafeInteger(revision ?? 0)) {
    throw invalidHeader('If-Match', 'takes *, or versions and ETags in double quotes, separated by commas');
  }
  return { version, revision };
}

/** Does If-None-Match of a read name this state? Weak comparison, as RFC 9110 section 13.1.2 asks. */
export function isNotModified(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  const entries = ifNoneMatch.split(',').map((entry) => entry.trim().replace(/^W\//, ''));
  return entries.includes('*') || entries.includes(etag);
}
