export * from './embedder.js';
export * from './embedding-endpoint.js';
