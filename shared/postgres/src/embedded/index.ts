export { postgresFolder } from './postgres-folder.js';
export * from './server.js';
