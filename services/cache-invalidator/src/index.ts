export * from './cache-invalidator.js';
