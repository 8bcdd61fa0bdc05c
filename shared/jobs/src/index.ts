export * from './port.js';
export * from './run-jobs.js';
