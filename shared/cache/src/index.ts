export * from './metrics.js';
export * from './port.js';
