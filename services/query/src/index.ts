export * from './query.js';
export { querySettings, searchSettings } from './config.js';
