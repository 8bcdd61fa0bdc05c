export * from './collections.js';
export * from './port.js';
