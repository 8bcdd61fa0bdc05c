import type { Response } from 'express';
import type { ErrorCode } from '@soma/memory';
import type { Arrival } from './arrival.js';

/** What is known of a request while it is answered; lives in `response.locals`. */
export interface ExchangeState {
  /** UUID; the X-Request-Id of the answer. */
  id: string;
  /** On the clock of performance.now(). */
  arrived: number;
  /** Template of the route, for metrics and logs; never the path itself, which names memories. */
  route: string;
  /** Of the body. */
  arrival: Arrival;
  /** Why the request was refused. */
  refused?: { code: ErrorCode; error: unknown };
  /** Called once when the exchange is over, answered or not. */
  releases: (() => void)[];
}

export type ExchangeResponse = Response<unknown, ExchangeState>;
