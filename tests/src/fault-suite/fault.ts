import type { Cluster, Standalone } from '../system/index.js';
import type { ClusterTools, StandaloneTools } from './arena/tools.js';
import type { Place } from './history/keyspace.js';
import type { InvariantName } from './invariants/invariant.js';
import type { Random } from './random.js';

export type Profile = 'cluster' | 'standalone';

/**
 * One thing that goes wrong. What an implementation MUST do: make it happen while the workload runs, heal it, and
 * resolve once it is healed, so that nothing of it is left but what the product has to mend by itself.
 */
export interface Fault {
  /** Kebab-case: what `--fault` names and the table shows. */
  name: string;
  /** One sentence for people. */
  title: string;
  profiles: readonly Profile[];
  /**
   * `shared`: runs among others in one arena. `own`: leaves such traces, or needs such stores, that it gets an arena
   * to itself. Shared faults with equal `needs` may share one.
   */
  arena: 'shared' | 'own';
  /** What the arena must have for it; absent parts leave the fault out, with a word. */
  needs?: readonly Need[];
  /** Settings of the processes, for a fault with an arena of its own. */
  env?: Readonly<Record<string, string>>;
  /** May it run while another that says so runs too? Default false. */
  overlaps?: boolean;
  /** The workload sets no ttl meanwhile: a log that is replayed later meets another clock, so expiry may fall otherwise. */
  withoutExpiry?: boolean;
  run(arena: Arena): Promise<void>;
}

export type Need = 'small-disk' | 'qdrant' | 'own-embedder';

/** `sent-again`: records that a producer sent before, with the same ids, after others have been carried out. */
export type Burst = 'largest-payloads' | 'other-partitioner' | 'poison' | 'sent-again';

/** What a fault may reach. */
export interface Arena {
  profile: Profile;
  random: Random;
  /** Present in the cluster profile. */
  cluster?: ClusterArena;
  /** Present in the standalone profile. */
  standalone?: StandaloneArena;
  workload: RunningWorkload;
  /** A line for the report; never a payload. */
  say: (text: string) => void;
  /** Something that must not be, seen by the fault itself; counted with what the invariant finds. */
  violated(invariant: InvariantName, sentence: string): void;
  /** The cause is gone, mending begins: recovery is measured from here. Not called: from the end of `run`. */
  healed(): void;
}

/** An arena without the parts that the runner adds: what `startArena(profile, options)` gives. */
export interface StartedArena extends Omit<Arena, 'workload' | 'healed' | 'violated'> {
  /** Base URL of the API, and the token that may do everything. */
  url: string;
  token: string;
  /** Settings of the processes. */
  env: Readonly<Record<string, string>>;
  /** The stores themselves, not by way of a proxy: the checkers look there. */
  postgresUrl: string;
  redisUrl?: string;
  kafkaBrokers?: readonly string[];
  schemaRegistryUrl?: string;
  /** Of Qdrant or what stands for it; absent: the index is rows in Postgres. */
  indexUrl?: string;
  dataFolders: readonly string[];
  /** The end of each process's output, by name. */
  outputTails(): Readonly<Record<string, string>>;
  /** Times each service was started again after it had ended, by name. */
  restarts?(): Readonly<Record<string, number>>;
  /** What went wrong with processes unasked (a service that ended with 0, say); empty when nothing did. */
  complaints?(): readonly string[];
  stop(): Promise<void>;
}

/**
 * The workload as faults see it. It owns the namespaces that begin with `w`; memories of a fault's own go in
 * namespaces that begin with `own-`, which the checkers of the model leave alone.
 */
export interface RunningWorkload {
  /** Commands acknowledged so far (201, 200 or 202). */
  acknowledged(): number;
  /** Resolves once `count` more commands were acknowledged, or `timeoutMs` is over; says which. */
  acknowledgedMore(count: number, timeoutMs: number): Promise<boolean>;
  /** So many commands of a kind, one after the other, beside the ordinary ones. */
  burst(kind: Burst, count: number): Promise<void>;
  /** Memories that none of the clients writes to: what goes wrong with them is not mended before it is judged. */
  still: readonly Place[];
  /**
   * Puts these memories, or deletes them, all at once; the commands count as the clients' own. Resolves when each is
   * known to be carried out, asked again as long as it takes; what is never known is for the invariants to tell.
   */
  put(places: readonly Place[]): Promise<void>;
  remove(places: readonly Place[]): Promise<void>;
  /** One read of memories of one namespace. */
  read(places: readonly Place[]): Promise<void>;
  /** No call is made until `resume`, by none of the clients; resolves once none is under way. */
  pause(): Promise<void>;
  resume(): void;
}

export interface ClusterArena extends Cluster, ClusterTools {
  /** One more process of a worker service beside the first; stop it yourself. */
  join(
    service: 'writer' | 'indexer' | 'graph' | 'cache-invalidator',
  ): Promise<{ stop(): Promise<void>; kill(): Promise<void> }>;
}

export type StandaloneArena = Standalone &
  StandaloneTools & {
    /** kill -9 or SIGTERM of the process, then the same folder and ports again; resolves when it is ready. */
    restart(how: 'SIGKILL' | 'SIGTERM'): Promise<void>;
  };
