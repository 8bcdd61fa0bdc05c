export { isReachableByAll } from './account.js';
export { SYSTEM_FOLDER } from './binaries.js';
export * from './server.js';
