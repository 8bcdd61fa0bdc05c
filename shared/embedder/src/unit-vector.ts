/**
 * Scales to length 1 in place.
 * @returns undefined when a component is not finite or all are 0: then there is no direction.
 */
export function toUnitLength(vector: Float32Array): Float32Array | undefined {
  let squares = 0;
  for (const component of vector) squares += component * component;
  const length = Math.sqrt(squares);
  if (!Number.isFinite(length) || length === 0) return undefined;
  for (let index = 0; index < vector.length; index += 1) vector[index] = (vector[index] ?? 0) / length;
  return vector;
}
