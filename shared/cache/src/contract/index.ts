export * from './cache.js';
export * from './limiter.js';
export * from './outcomes.js';
