export * from './calls-under-way.js';
export * from './client.js';
export * from './server.js';
