export { analyze, type AnalyzeOptions } from './analyze.js';
export { DEFAULT_LANGUAGE, LANGUAGES, type Language } from './language.js';
export { documentVector, queryVector, REFERENCE_LENGTH, type SparseVector } from './sparse-vector.js';
