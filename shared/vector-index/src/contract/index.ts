export * from './describe-vector-index.js';
