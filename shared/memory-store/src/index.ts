export * from './heads.js';
export * from './erasing.js';
export * from './port.js';
export * from './quotas.js';
export * from './changes.js';
export * from './recall-reads.js';
export * from './retention.js';
