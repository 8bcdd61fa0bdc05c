export * from './describe-memory-store.js';
export * from './fixtures.js';
