export * from './collection-of.js';
export * from './index-generations.js';
export { createStartingEmbedder } from './starting-embedder.js';
