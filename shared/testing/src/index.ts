export * from './servers/free-port.js';
export * from './servers/postgres.js';
export * from './test-servers.js';
