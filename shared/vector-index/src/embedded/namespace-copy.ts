import type { AttributeField, Filterable, RecallFacts } from '@soma/memory';
import {
  readFields,
  storeFields,
  type StoredContent,
  type StoredFields,
  type StoredPoint,
} from './point-row.js';
import { TermLists } from './term-lists.js';
import { VectorSlabs } from './vector-slabs.js';

/** Attributes that scope a search; equality on them is looked up instead of tested. */
export const SCOPE_FIELDS = ['user_id', 'agent_id', 'thread_id'] as const satisfies AttributeField[];
export type ScopeField = (typeof SCOPE_FIELDS)[number];

/** Dead slots are left behind up to this many, and up to as many as there are live ones. */
const DEAD_SLOTS_KEPT = 1024;

/**
 * The live points of one namespace. A point has a slot; slots are only appended: replacing a point leaves its old
 * slot dead, and everything that lists slots skips dead ones until `compacted` drops them.
 */
export class NamespaceCopy {
  readonly vectors: VectorSlabs;
  readonly #dimension: number;
  readonly #slotOf = new Map<string, number>();
  /** Undefined: the slot is dead. */
  readonly #keys: (string | undefined)[] = [];
  readonly #revisions: number[] = [];
  readonly #expiresAt: number[] = [];
  readonly #hasDense: boolean[] = [];
  readonly #fields: (StoredFields | undefined)[] = [];
  readonly #facts: (RecallFacts | null)[] = [];
  readonly #terms = new TermLists();
  /** Per term: slot, weight, slot, weight, … */
  readonly #postings = new Map<number, number[]>();
  readonly #scopes: Record<ScopeField, Map<string, number[]>> = {
    user_id: new Map(),
    agent_id: new Map(),
    thread_id: new Map(),
  };

  constructor(dimension: number) {
    this.#dimension = dimension;
    this.vectors = new VectorSlabs(dimension);
  }

  /** Slots, dead ones among them. */
  get slots(): number {
    return this.#keys.length;
  }

  get size(): number {
    return this.#slotOf.size;
  }

  get isSparse(): boolean {
    const dead = this.slots - this.size;
    return dead > DEAD_SLOTS_KEPT && dead > this.size;
  }

  isAlive(slot: number): boolean {
    return this.#keys[slot] !== undefined;
  }

  keyOf(slot: number): string {
    return this.#keys[slot] ?? '';
  }

  revisionOf(slot: number): number {
    return this.#revisions[slot] ?? 0;
  }

  /** Epoch milliseconds; Infinity when it never expires. */
  expiryOf(slot: number): number {
    return this.#expiresAt[slot] ?? 0;
  }

  hasDense(slot: number): boolean {
    return this.#hasDense[slot] === true;
  }

  fieldsOf(slot: number): Filterable {
    const fields = this.#fields[slot];
    if (fields === undefined) throw new RangeError(`slot ${slot} is dead`);
    return readFields(fields);
  }

  factsOf(slot: number): RecallFacts | null {
    return this.#facts[slot] ?? null;
  }

  /** Ascending, and valid until the next `add`. */
  termsOf(slot: number): Uint32Array {
    return this.#terms.at(slot);
  }

  /** Slot, weight, slot, weight, …; dead slots among them. */
  postingsOf(term: number): readonly number[] {
    return this.#postings.get(term) ?? [];
  }

  /** Every slot, dead ones among them, whose attribute has this value. */
  slotsOf(field: ScopeField, value: string): readonly number[] {
    return this.#scopes[field].get(value) ?? [];
  }

  /** Returns the terms of the point that went, valid until the next `add`; undefined when there was none. */
  remove(key: string): Uint32Array | undefined {
    const slot = this.#slotOf.get(key);
    if (slot === undefined) return undefined;
    this.#slotOf.delete(key);
    this.#keys[slot] = undefined;
    this.#fields[slot] = undefined;
    this.#facts[slot] = null;
    return this.#terms.at(slot);
  }

  add(point: StoredPoint, content: StoredContent): void {
    const slot = this.slots;
    const fields = storeFields(content.fields);
    this.vectors.append(content.dense);
    this.#place(point.key, {
      revision: point.revision,
      hasDense: content.dense !== null,
      terms: content.terms,
      expiresAt: readFields(fields).expires_at ?? Infinity,
      fields,
      facts: content.facts,
    });
    for (const [at, term] of content.terms.entries()) {
      listUnder(this.#postings, term).push(slot, content.weights[at] ?? 0);
    }
  }

  #place(
    key: string,
    point: {
      revision: number;
      hasDense: boolean;
      terms: Uint32Array;
      expiresAt: number;
      fields: StoredFields;
      facts: RecallFacts | null;
    },
  ): void {
    const slot = this.slots;
    this.#slotOf.set(key, slot);
    this.#keys.push(key);
    this.#revisions.push(point.revision);
    this.#expiresAt.push(point.expiresAt);
    this.#hasDense.push(point.hasDense);
    this.#fields.push(point.fields);
    this.#facts.push(point.facts);
    this.#terms.append(point.terms);
    const fields = readFields(point.fields);
    for (const field of SCOPE_FIELDS) {
      const value = fields[field];
      if (value !== null) listUnder(this.#scopes[field], value).push(slot);
    }
  }

  /** The same points without dead slots. */
  compacted(): NamespaceCopy {
    const copy = new NamespaceCopy(this.#dimension);
    const newSlot = new Int32Array(this.slots).fill(-1);
    for (const [slot, key] of this.#keys.entries()) {
      const fields = this.#fields[slot];
      if (key === undefined || fields === undefined) continue;
      newSlot[slot] = copy.slots;
      copy.vectors.appendRowOf(this.vectors, slot);
      copy.#place(key, {
        revision: this.revisionOf(slot),
        hasDense: this.hasDense(slot),
        terms: this.#terms.at(slot),
        expiresAt: this.expiryOf(slot),
        fields,
        facts: this.factsOf(slot),
      });
    }
    for (const [term, posting] of this.#postings) {
      for (let at = 0; at < posting.length; at += 2) {
        const slot = newSlot[posting[at] ?? 0] ?? -1;
        if (slot >= 0) listUnder(copy.#postings, term).push(slot, posting[at + 1] ?? 0);
      }
    }
    return copy;
  }
}

function listUnder<K>(lists: Map<K, number[]>, key: K): number[] {
  let list = lists.get(key);
  if (list === undefined) {
    list = [];
    lists.set(key, list);
  }
  return list;
}
