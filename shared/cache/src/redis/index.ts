export * from './cache.js';
export type { RedisConfig } from './connection.js';
export * from './limiter.js';
export * from './outcomes.js';
export * from './redis-url.js';
