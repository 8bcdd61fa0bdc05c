import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import type { Profile } from './fault.js';

export interface SuiteOptions {
  seed: number;
  profiles: readonly Profile[];
  /** Names; null: `count` of them are drawn. */
  faults: readonly string[] | null;
  count: number;
  all: boolean;
  /** Faults are drawn again and again for so long; with `all` every one of them has its round all the same. */
  durationMs: number | null;
  list: boolean;
  /** Bugs planted on purpose, by name; empty: all of them; null: none. */
  mutants: readonly string[] | null;
  /** Calls a second. */
  rate: number;
  /** File for the results, for programs. */
  json: string | null;
  /** Files that `json` named in earlier runs, of which a page is to be made; null: none. */
  document: readonly string[] | null;
  /** Folder for what is kept of a violation; null: a new one among the temporary files. */
  keep: string | null;
}

/** What two busy cores bear with a whole cluster on them. */
const DEFAULT_RATE = 60;
const DEFAULT_COUNT = 6;

export const USAGE = `npm run test:faults -- [options]
  --faults a,b     these faults; see --list
  --count N        N faults drawn by the seed (default ${DEFAULT_COUNT}), at most one of them in an arena of its own
  --all            every fault once
  --duration 30m   faults drawn by the seed for so long (s, m, h); with --all, after every fault had its round
  --seed N         repeats a run; default a fresh one
  --profile P      cluster, standalone or both (default cluster)
  --rate N         calls a second of the workload (default ${DEFAULT_RATE})
  --mutants [a,b]  bugs planted on purpose instead, each with the fault that should bring it out
  --json FILE      the results, for programs
  --document a b   nothing but the page docs/reliability-figures.md, of the results of earlier runs
  --keep FOLDER    where histories and outputs go when something is wrong
  --list           the faults there are`;

/** @throws with a sentence when they cannot be understood */
export function readOptions(args: readonly string[]): SuiteOptions {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      seed: { type: 'string' },
      faults: { type: 'string' },
      count: { type: 'string' },
      all: { type: 'boolean' },
      duration: { type: 'string' },
      profile: { type: 'string' },
      rate: { type: 'string' },
      json: { type: 'string' },
      keep: { type: 'string' },
      list: { type: 'boolean' },
      mutants: { type: 'boolean' },
      document: { type: 'boolean' },
    },
  });
  return {
    seed: values.seed === undefined ? randomInt(2 ** 31) : whole('--seed', values.seed),
    profiles: profilesOf(values.profile ?? 'cluster'),
    faults: values.faults?.split(',').map((name) => name.trim()) ?? null,
    count: whole('--count', values.count ?? String(DEFAULT_COUNT)),
    all: values.all ?? false,
    durationMs: values.duration === undefined ? null : duration(values.duration),
    list: values.list ?? false,
    mutants: values.mutants === true ? positionals.flatMap((names) => names.split(',')) : null,
    document: values.document === true ? positionals : null,
    rate: whole('--rate', values.rate ?? String(DEFAULT_RATE)),
    json: values.json ?? null,
    keep: values.keep ?? null,
  };
}

function profilesOf(name: string): Profile[] {
  if (name === 'both') return ['cluster', 'standalone'];
  if (name === 'cluster' || name === 'standalone') return [name];
  throw new Error(`--profile takes cluster, standalone or both, not ${name}`);
}

function whole(name: string, text: string): number {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number >= 0 && text !== '') return number;
  throw new Error(`${name} takes a whole number, not ${text}`);
}

const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000 };

function duration(text: string): number {
  const [, amount, unit = ''] = /^(\d+)([smh])$/.exec(text) ?? [];
  const factor = UNITS[unit];
  if (amount === undefined || factor === undefined)
    throw new Error(`--duration takes 90s, 30m or 2h, not ${text}`);
  return Number(amount) * factor;
}
