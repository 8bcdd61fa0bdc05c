import type { Sample, Samples } from './samples.js';

export interface SyntheticOptions {
  sets: number;
  questionsPerSet: number;
  candidates: number;
  /** What the judgements follow: the best candidate by these is the relevant one. */
  truth: number[];
  /** What the service has. */
  present: number[];
  /** Of what is added to the true score, so that no weights explain everything. */
  noise: number;
  seed: number;
}

/** Questions whose relevant candidate is the best by known weights. For tests. */
export function syntheticSamples(options: SyntheticOptions): Samples {
  const random = lehmer(options.seed);
  const samples = Array.from({ length: options.sets }, (_, set) =>
    Array.from({ length: options.questionsPerSet }, () => syntheticSample(`set-${set}`, options, random)),
  ).flat();
  const features = options.truth.map((_, index) => `feature-${index}`);
  return { features, weights: Float64Array.from(options.present), fixed: [], samples };
}

function syntheticSample(
  set: string,
  { candidates, truth, noise }: SyntheticOptions,
  random: () => number,
): Sample {
  const values = Float64Array.from({ length: candidates * truth.length }, random);
  const scores = Array.from({ length: candidates }, (_, row) =>
    truth.reduce(
      (sum, weight, column) => sum + weight * (values[row * truth.length + column] ?? 0),
      noise * (random() - 0.5),
    ),
  );
  const best = scores.indexOf(Math.max(...scores));
  return {
    set,
    wanted: 1,
    candidates,
    values,
    fixed: new Float64Array(candidates),
    relevant: Uint8Array.from({ length: candidates }, (_, row) => (row === best ? 1 : 0)),
  };
}

/** The same numbers at every run (Park and Miller's generator). */
function lehmer(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}
