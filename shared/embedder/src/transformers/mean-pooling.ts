import type { Tensor } from './library.js';

/** The mean of a text's token vectors, padding left out: what sentence-transformers models are trained for. */
export function meanPooling(tokens: Tensor, mask: Tensor): Float32Array {
  const [texts = 0, length = 0, dimension = 0] = tokens.dims;
  const means = new Float32Array(texts * dimension);
  for (let text = 0; text < texts; text += 1) {
    let count = 0;
    for (let token = 0; token < length; token += 1) {
      if (Number(mask.data[text * length + token] ?? 0) === 0) continue;
      count += 1;
      addTo(means, text * dimension, tokens.data, (text * length + token) * dimension, dimension);
    }
    for (let index = 0; index < dimension; index += 1) {
      means[text * dimension + index] = (means[text * dimension + index] ?? 0) / count;
    }
  }
  return means;
}

function addTo(sums: Float32Array, to: number, values: Tensor['data'], from: number, count: number): void {
  for (let index = 0; index < count; index += 1) {
    sums[to + index] = (sums[to + index] ?? 0) + Number(values[from + index] ?? 0);
  }
}
