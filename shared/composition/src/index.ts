export * from './bounds.js';
export * from './cluster.js';
export * from './embedder.js';
export * from './generations.js';
export * from './observers.js';
export * from './settings.js';
export * from './known-settings.js';
