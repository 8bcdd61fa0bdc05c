export * from './writer.js';
export { retentionSettings, writerSettings } from './config.js';
