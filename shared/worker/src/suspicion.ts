import type { ErrorCode } from '@soma/memory';

/** A record that failed alone. */
interface Suspect {
  position: number;
  /** First failure, epoch milliseconds. */
  since: number;
  attempts: number;
  /** Set once its patience is used up. */
  refusal: { code: ErrorCode; unlisted: boolean } | undefined;
}

/** A record that is to be dead-lettered. */
export interface Refused {
  code: ErrorCode;
  since: number;
  attempts: number;
}

/** Remembers which record of a partition fails alone, for how long, and how many were given up in a row. */
export class Suspicion {
  readonly #unlistedRetryMs: number;
  #suspect: Suspect | undefined;
  #unlistedInARow = 0;

  constructor(unlistedRetryMs: number) {
    this.#unlistedRetryMs = unlistedRetryMs;
  }

  /** A record failed alone, for good (`permanent`) or for a reason nobody listed. Refused, or to be tried again? */
  blame(
    position: number,
    kind: 'permanent' | 'unlisted',
    code: ErrorCode,
  ): { refused: boolean; attempts: number } {
    const known = this.#suspect?.position === position ? this.#suspect : undefined;
    const since = known?.since ?? Date.now();
    const attempts = (known?.attempts ?? 0) + 1;
    const patience = kind === 'permanent' ? 0 : this.#unlistedRetryMs;
    const refused = Date.now() - since >= patience;
    this.#suspect = {
      position,
      since,
      attempts,
      refusal: refused ? { code, unlisted: kind === 'unlisted' } : undefined,
    };
    return { refused, attempts };
  }

  /** What to say of the record at this position when it has been refused. */
  refusalOf(position: number | undefined): Refused | undefined {
    const suspect = this.#suspect;
    if (suspect?.refusal === undefined || suspect.position !== position) return undefined;
    return { code: suspect.refusal.code, since: suspect.since, attempts: suspect.attempts };
  }

  /** Something was worked off. Returns how many records in a row were given up for reasons nobody listed. */
  clear(): number {
    this.#unlistedInARow = this.#suspect?.refusal?.unlisted === true ? this.#unlistedInARow + 1 : 0;
    this.#suspect = undefined;
    return this.#unlistedInARow;
  }
}
