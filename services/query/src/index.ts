export * from './query.js';
export { querySettings, searchSettings } from './config.js';
export { weightsFrom, type Weights } from './search/weights.js';
