export * from './postgres-deliveries.js';
export * from './postgres-webhooks.js';
