export * from './writer.js';
export { keptBy, retentionSettings, writerSettings } from './config.js';
