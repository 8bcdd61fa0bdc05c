import { InvalidArgumentError } from 'commander';
import { unmarked } from './negative-coords.js';

/** A whole number from 1 on. */
export function count(word: string): number {
  const value = Number(unmarked(word));
  if (Number.isSafeInteger(value) && value >= 1) return value;
  throw new InvalidArgumentError('It has to be a whole number from 1 on.');
}

/** A whole number from 0 on. */
export function countOrNone(word: string): number {
  return unmarked(word) === '0' ? 0 : count(word);
}

/** From 0 to 1. */
export function share(word: string): number {
  const text = unmarked(word);
  const value = text === '' ? Number.NaN : Number(text);
  if (value >= 0 && value <= 1) return value;
  throw new InvalidArgumentError('It has to be a number from 0 to 1.');
}

/** Above 0. */
export function positive(word: string): number {
  const value = Number(unmarked(word));
  if (value > 0 && Number.isFinite(value)) return value;
  throw new InvalidArgumentError('It has to be a number above 0.');
}

/** As many writes as one request takes. */
export function batchSize(word: string): number {
  const value = count(word);
  if (value <= 500) return value;
  throw new InvalidArgumentError('It has to be a whole number from 1 to 500.');
}
