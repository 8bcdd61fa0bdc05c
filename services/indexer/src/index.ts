export * from './indexer.js';
export { indexerSettings, keptForMs, reindexSettings } from './config.js';
