export * from './arbitrary-filters.js';
