import type { Topic } from '@soma/events';

/** What pino offers, and all that adapters need of it. No payload, key or header is ever logged. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** What an adapter reports of its appends; every method returns at once. */
export interface AppendObserver {
  /** One group of records was taken by the log. */
  appended(topic: Topic, records: number, bytes: number, seconds: number): void;
  /** Records whose result is an error. */
  refused(topic: Topic, code: string, records: number): void;
}

export const unobserved: AppendObserver = { appended: () => undefined, refused: () => undefined };

/** Bounds of what waits in this process to be appended; an append past them is answered `overloaded`. */
export interface BufferLimits {
  /** Default 50,000. */
  maxRecords?: number;
  /** Default 64 MiB. */
  maxBytes?: number;
}
