export * from './cache-invalidator.js';
export { cacheInvalidatorSettings } from './config.js';
