export * from './indexer.js';
export { indexerSettings } from './config.js';
