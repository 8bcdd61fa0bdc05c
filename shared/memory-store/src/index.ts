export * from './heads.js';
export * from './erasing.js';
export * from './port.js';
export * from './retention.js';
