export * from './log-options.js';
export * from './port.js';
export * from './prove.js';
export * from './record-size.js';
