export * from './writer.js';
export { writerSettings } from './config.js';
