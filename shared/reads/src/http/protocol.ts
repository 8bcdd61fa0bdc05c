import type { Reads, ReadOptions } from '../port.js';

/** The internal protocol between gateway and query: POST /reads/<method> with the arguments as JSON. */
export const METHODS = [
  'get',
  'list',
  'range',
  'count',
  'history',
  'past',
  'changes',
  'search',
  'neighbors',
  'path',
  'namespaces',
  'totals',
  'health',
] as const satisfies readonly (keyof Reads)[];
export type Method = (typeof METHODS)[number];

/** Options as they travel; cancelling travels as the end of the connection. */
export type SentOptions = Pick<ReadOptions, 'after' | 'waitMs'>;

export interface SentCall {
  namespace?: string;
  request?: unknown;
  options?: SentOptions;
}

export interface SentError {
  code: string;
  message: string;
}
