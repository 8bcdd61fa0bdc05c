export * from './deliveries.js';
export * from './secret.js';
export * from './webhooks.js';
