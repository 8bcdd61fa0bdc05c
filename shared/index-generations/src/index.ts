export * from './collection-of.js';
export * from './index-generations.js';
