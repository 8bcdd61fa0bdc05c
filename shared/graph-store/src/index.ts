export * from './link-checks.js';
export * from './port.js';
