import { InvalidArgumentError } from 'commander';
import { unmarked } from './negative-coords.js';

/** A whole number from 1 on. */
export function count(word: string): number {
  const value = Number(unmarked(word));
  if (Number.isSafeInteger(value) && value >= 1) return value;
  throw new InvalidArgumentError('It has to be a whole number from 1 on.');
}
