export * from './describe-ledger.js';
export * from './fixtures.js';
