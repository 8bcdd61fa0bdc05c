export * from './query.js';
export { searchSettings } from './config.js';
