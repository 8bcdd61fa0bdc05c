export * from './query.js';
export { querySettings, searchSettings } from './config.js';
export { DEFAULT_WEIGHTS, weightsFrom, type Weights } from './search/weights.js';
