export * from './postgres-collections.js';
