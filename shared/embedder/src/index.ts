export * from './cached.js';
export * from './port.js';
