export * from './bundled-embedder.js';
