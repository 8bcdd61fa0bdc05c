export * from './graph.js';
export { graphSettings } from './config.js';
