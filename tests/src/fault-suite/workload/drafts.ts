import type { JsonObject } from '@soma/memory';
import { UNCONDITIONAL, type AskedConditions, type Numbers } from '../history/history.js';
import type { Place } from '../history/keyspace.js';
import type { Random } from '../random.js';
import { patchBody, putBody } from './content.js';
import type { CallOptions, Draft } from './requests.js';
import type { Session } from './session.js';

export interface Drafting {
  random: Random;
  numbers: Numbers;
  session: Session;
  expiry: boolean;
  largest: boolean;
}

/** A command on one memory; conditions on some. */
export function memoryDraft(type: 'put' | 'patch' | 'delete', place: Place, drafting: Drafting): Draft {
  const draft = plainDraft(type, place, drafting);
  return drafting.random.next() < 0.25 ? { ...draft, ...conditionsFor(place, drafting) } : draft;
}

/** Without conditions. */
export function plainDraft(type: 'put' | 'patch' | 'delete', place: Place, drafting: Drafting): Draft {
  const { random, numbers, expiry } = drafting;
  const n = numbers.next();
  const largest = drafting.largest && type === 'put';
  const options = { n, place, random, expiry, largest };
  const content: JsonObject = type === 'put' ? putBody(options) : type === 'patch' ? patchBody(options) : {};
  return {
    n,
    type,
    namespace: place.namespace,
    key: place.key,
    coord: random.pick(place.spellings),
    content,
  };
}

type Condition = Pick<Draft, 'conditions' | 'if_match' | 'if_none_match'>;

/** True ones as far as this client knows, and now and then one that cannot be. */
function conditionsFor({ namespace, key }: Place, { random, session }: Drafting): Condition {
  const known = session.version(namespace, key);
  const chance = random.next();
  if (chance < 0.25 || known === undefined)
    return { conditions: { ...UNCONDITIONAL, if_absent: true }, if_none_match: '*' };
  if (chance < 0.4) return { conditions: { ...UNCONDITIONAL, if_exists: true }, if_match: '*' };
  if (chance < 0.7 && known.etag !== null) return { conditions: matching(known.etag), if_match: known.etag };
  const version = chance > 0.95 ? known.version + 7 : known.version;
  return { conditions: matching(`"${version}"`), if_match: `"${version}"` };
}

function matching(etag: string): AskedConditions {
  const [version = '', revision] = etag.replaceAll('"', '').split('-');
  const match = { version: Number(version), revision: revision === undefined ? null : Number(revision) };
  return { ...UNCONDITIONAL, if_match: [match] };
}

/** What an item of a batch can say: a version or absence. */
export function asBatchItem(draft: Draft): Draft {
  const { if_match: ifMatch, if_none_match: ifNoneMatch, conditions = UNCONDITIONAL, ...item } = draft;
  const version = conditions.if_match?.[0]?.version;
  if (ifNoneMatch !== undefined) return { ...item, conditions: { ...UNCONDITIONAL, if_absent: true } };
  if (ifMatch === undefined || version === undefined) return item;
  return { ...item, conditions: { ...UNCONDITIONAL, if_match: [{ version, revision: null }] } };
}

const LINK_TYPES = ['related', 'follows'];

export function linkDraft(
  type: 'link' | 'unlink',
  from: Place,
  to: Place,
  { random, numbers }: Drafting,
): Draft {
  const n = numbers.next();
  const content = { weight: random.pick([0.5, 1, 2]), properties: { marker: n } };
  return {
    n,
    type,
    namespace: from.namespace,
    key: from.key,
    coord: random.pick(from.spellings),
    to_key: to.key,
    to_coord: random.pick(to.spellings),
    link_type: random.pick(LINK_TYPES),
    content: type === 'link' ? content : {},
  };
}

export function callOptions({ random, numbers }: Drafting): CallOptions {
  const [chance, waiting] = [random.next(), random.next()];
  return {
    idempotency_key: random.next() < 0.5 ? `key-${numbers.next()}` : null,
    until: chance < 0.5 ? null : chance < 0.7 ? 'stored' : chance < 0.88 ? 'indexed' : 'accepted',
    wait: waiting < 0.6 ? null : waiting < 0.7 ? 0 : waiting < 0.85 ? 1 : 10,
  };
}
