export * from './cluster.js';
export * from './machine.js';
export * from './readiness.js';
export * from './service-process.js';
export * from './standalone.js';
export * from './stores.js';
export * from './system.js';
export * from './until.js';
