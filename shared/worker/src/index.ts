export * from './handler.js';
export * from './permanent-codes.js';
export { runWorker, type WorkerOptions, type WorkerTiming } from './run-worker.js';
export * from './newest-states.js';
export * from './publish-outcomes.js';
export { requireAppended } from './sort-records.js';
