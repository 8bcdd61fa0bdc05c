export * from './answer-bytes.js';
export * from './port.js';
