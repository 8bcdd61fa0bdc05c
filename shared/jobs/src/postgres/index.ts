export * from './postgres-jobs.js';
