export { SomaClient, type SomaClientOptions, type SomaSession } from './client.js';
export { SomaError, type Fault } from './errors.js';
export type { RetryOptions } from './retry.js';
export type { SomaApi } from './soma-api.js';
export type * from './types.js';
