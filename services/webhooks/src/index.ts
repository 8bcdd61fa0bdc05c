export { webhookSettings, webhooksSettings } from './config.js';
export * from './webhooks.js';
