import type { Limiter } from '@soma/cache';
import { measured } from '@soma/service';
import type { Registry } from 'prom-client';

/** The limiter, with the buckets that it keeps in this process shown. */
export function measureLimiter(limiter: Limiter, registry: Registry): Limiter {
  measured(
    registry,
    { name: 'soma_rate_buckets', help: 'Rate buckets that this process keeps, those that are over too.' },
    () => limiter.buckets(),
  );
  return limiter;
}
