export * from './servers/free-port.js';
export * from './servers/kafka.js';
export * from './servers/optional-server.js';
export * from './servers/postgres.js';
export * from './servers/redis.js';
export * from './servers/schema-registry.js';
export * from './test-servers.js';
export * from './eventually.js';
