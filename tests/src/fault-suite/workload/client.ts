import type { History, Numbers } from '../history/history.js';
import type { Random } from '../random.js';
import { asBatchItem, callOptions, linkDraft, memoryDraft, plainDraft, type Drafting } from './drafts.js';
import type { HttpTarget } from './http-client.js';
import { readMany, readOne, search, walk } from './reads.js';
import { batchCall, singleCall, type WriteCall } from './requests.js';
import type { Place } from '../history/keyspace.js';
import { Session, type KnownToken } from './session.js';
import { settle } from './settle.js';
import { write, type Unsettled } from './writes.js';

/** What one client does next, and how often of a hundred. */
const WEIGHTS = {
  put: 26,
  patch: 14,
  delete: 8,
  batch: 6,
  link: 6,
  unlink: 2,
  get: 15,
  'get-many': 6,
  search: 12,
  neighbors: 5,
} as const;
type Deed = keyof typeof WEIGHTS;
const DEEDS = Object.entries(WEIGHTS).flatMap(([deed, weight]) => Array<Deed>(weight).fill(deed as Deed));

const MOST_BATCHED = 5;
const ENSURE_LIMIT_MS = 60_000;

export interface ClientDeps {
  target: HttpTarget;
  history: History;
  numbers: Numbers;
  random: Random;
  expiry: boolean;
  signal: AbortSignal;
}

/** One caller: a program that writes, remembers what it was told, and reads what it and others wrote. */
export class Client {
  readonly #deps: ClientDeps;
  readonly #session = new Session();
  /** What of its calls still wants an answer. */
  readonly unsettled: Unsettled[] = [];

  constructor(deps: ClientDeps) {
    this.#deps = deps;
  }

  /** One call of any kind. */
  async act(): Promise<void> {
    const { random, history } = this.#deps;
    const deed = random.pick(DEEDS);
    const place = history.keyspace.pick(random);
    const { namespace } = place;
    const another = () => history.keyspace.pick(random, namespace);
    switch (deed) {
      case 'put':
      case 'patch':
      case 'delete':
        return this.#write(
          singleCall(memoryDraft(deed, place, this.#drafting()), callOptions(this.#drafting())),
        );
      case 'batch':
        return this.#write(this.#batch(namespace));
      case 'link':
      case 'unlink': {
        const draft = linkDraft(deed, place, another(), this.#drafting());
        return this.#write(singleCall(draft, callOptions(this.#drafting())));
      }
      case 'get':
        return readOne(place, this.#reading(namespace));
      case 'get-many':
        return readMany([place, another(), another()], this.#reading(namespace));
      case 'search':
        return search(namespace, this.#reading(namespace));
      case 'neighbors':
        return walk(place, this.#reading(namespace));
    }
  }

  /** A put as large as a memory may be. */
  async putLargest(): Promise<void> {
    const { random, history } = this.#deps;
    const drafting = { ...this.#drafting(), largest: true };
    const draft = memoryDraft('put', history.keyspace.pick(random), drafting);
    await this.#write(singleCall(draft, callOptions(drafting)));
  }

  /** A put or deletion that always has an effect; resolves once it is known to be carried out, if it ever is. */
  async ensure(type: 'put' | 'delete', place: Place): Promise<void> {
    const { target, history, numbers, signal } = this.#deps;
    const draft = plainDraft(type, place, { ...this.#drafting(), expiry: false });
    const options = { idempotency_key: `key-${numbers.next()}`, until: null, wait: 10 };
    const call = singleCall(draft, options);
    const owed = await write(call, { target, history, session: this.#session, token: undefined, signal });
    if (owed === undefined) return;
    const left = await settle([owed], target, history, ENSURE_LIMIT_MS);
    if (left.length > 0) this.unsettled.push(owed);
  }

  async readAll(places: readonly Place[]): Promise<void> {
    await readMany(places, { ...this.#deps, session: this.#session, token: undefined });
  }

  #batch(namespace: string): WriteCall {
    const { random, history } = this.#deps;
    const places = history.keyspace.places.filter((place) => place.namespace === namespace);
    const chosen = random.shuffled(places).slice(0, random.whole(2, MOST_BATCHED));
    const drafts = chosen.map((place) =>
      asBatchItem(memoryDraft(random.pick(['put', 'put', 'patch', 'delete']), place, this.#drafting())),
    );
    return batchCall(drafts, callOptions(this.#drafting()));
  }

  async #write(call: WriteCall): Promise<void> {
    const { target, history, signal } = this.#deps;
    const token = this.#tokenFor(call.request.namespace, 0.6);
    const unsettled = await write(call, { target, history, session: this.#session, token, signal });
    if (unsettled !== undefined) this.unsettled.push(unsettled);
  }

  #reading(namespace: string) {
    return { ...this.#deps, session: this.#session, token: this.#tokenFor(namespace, 0.6) };
  }

  #tokenFor(namespace: string, share: number): KnownToken | undefined {
    return this.#deps.random.next() < share ? this.#session.token(namespace) : undefined;
  }

  #drafting(): Drafting {
    const { random, numbers, expiry } = this.#deps;
    return { random, numbers, session: this.#session, expiry, largest: false };
  }
}
