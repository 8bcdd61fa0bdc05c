import type { Random } from '../random.js';

/** A memory that the workload writes to: one key, and the ways to spell it. */
export interface Place {
  namespace: string;
  key: string;
  spellings: readonly string[];
}

const NAMESPACES = ['a', 'b', 'c'];

/** In each namespace. */
const STILL = 4;

/** The memories of one round: few enough that clients meet, in namespaces that no other round has. */
export class Keyspace {
  readonly namespaces: readonly string[];
  /** What clients write to. */
  readonly places: readonly Place[];
  /** What only faults write to: no later write mends what a fault spoilt of them before it is judged. */
  readonly still: readonly Place[];
  readonly #keys: ReadonlyMap<string, string>;

  /** @param round whole number; the names of its namespaces are made of it */
  constructor(round: number, keysPerNamespace = 20) {
    this.namespaces = NAMESPACES.map((letter) => `w${round}-${letter}`);
    this.places = this.namespaces.flatMap((namespace) =>
      Array.from({ length: keysPerNamespace }, (_, index) => placeAt(namespace, index)),
    );
    this.still = this.namespaces.flatMap((namespace) =>
      Array.from({ length: STILL }, (_, index) => stillPlaceAt(namespace, index)),
    );
    this.#keys = new Map(
      this.all.flatMap(({ key, spellings }) => spellings.map((coord) => [coord, key] as const)),
    );
  }

  get all(): readonly Place[] {
    return [...this.places, ...this.still];
  }

  /** Never a still one. */
  pick(random: Random, namespace?: string): Place {
    return random.pick(
      namespace === undefined ? this.places : this.places.filter((place) => place.namespace === namespace),
    );
  }

  /** The key that a coord, as answered, spells; the coord itself when it is none of these memories. */
  keyOf(coord: string): string {
    return this.#keys.get(coord) ?? coord;
  }

  has(namespace: string): boolean {
    return this.namespaces.includes(namespace);
  }
}

/** Every third is numeric, so that several spellings have to meet in one memory. */
function placeAt(namespace: string, index: number): Place {
  if (index % 3 !== 0) return { namespace, key: `m:${index}`, spellings: [`m:${index}`] };
  const key = `${index},-1.5`;
  return { namespace, key, spellings: [key, `${index}.0,-1.50`, `${index}.000,-1.5`] };
}

function stillPlaceAt(namespace: string, index: number): Place {
  const key = `still:${index}`;
  return { namespace, key, spellings: [key] };
}
