export * from './describe-schema-ids.js';
