export * from './describe-graph-store.js';
export * from './fixtures.js';
