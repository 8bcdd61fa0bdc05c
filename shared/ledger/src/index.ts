export * from './consistency-token.js';
export * from './dead-letter.js';
export * from './port.js';
export * from './positions.js';
export * from './progress-watch.js';
export * from './projections.js';
