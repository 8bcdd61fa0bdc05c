export { analyze, type AnalyzeOptions } from './analyze.js';
export { type Language } from './language.js';
export { documentVector, queryVector, type SparseVector } from './sparse-vector.js';
