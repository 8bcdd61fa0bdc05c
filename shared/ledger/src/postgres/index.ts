export * from './inbox.js';
export * from './postgres-ledger.js';
export * from './progress.js';
export { writeDeadLetters } from './dead-letters.js';
