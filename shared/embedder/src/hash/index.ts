export * from './hash-embedder.js';
