export * from './cache-under-test.js';
export * from './cache.js';
export * from './limiter.js';
export * from './outcomes.js';
