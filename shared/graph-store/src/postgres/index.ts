export { createPostgresGraphStore } from './postgres-graph-store.js';
