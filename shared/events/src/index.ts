export * from './event.js';
export * from './topics.js';
