export * from './describe-memory-store.js';
export * from './describe-quotas.js';
export * from './fixtures.js';
