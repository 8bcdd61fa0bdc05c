export * from './mutant.js';
export * from './mutants.js';
export * from './plant.js';
