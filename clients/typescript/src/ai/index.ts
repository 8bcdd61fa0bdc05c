export { memoryTools, type MemoryToolsOptions } from './memory-tools.js';
export { recallMemories, type RecallOptions } from './recall-memories.js';
export type { Scope } from './scope.js';
