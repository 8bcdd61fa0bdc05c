export * from './heads.js';
export * from './erasing.js';
export * from './port.js';
export * from './recall-reads.js';
export * from './retention.js';
