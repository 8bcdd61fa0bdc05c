export * from './changes.js';
export * from './answer-bytes.js';
export * from './history.js';
export * from './listing.js';
export * from './port.js';
