export * from './audit.js';
export * from './grant.js';
export * from './tokens.js';
