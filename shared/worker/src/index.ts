export * from './handler.js';
export * from './permanent-codes.js';
export { runWorker, type WorkerOptions } from './run-worker.js';
export type { WorkerTiming } from './timing.js';
export * from './newest-states.js';
export * from './publish-outcomes.js';
export { requireAppended } from './sort-records.js';
