export * from './transformers-embedder.js';
