export * from './analyze-growth.js';
export * from './migrate.js';
export * from './pool.js';
export * from './until-aborted.js';
export { unlessAborted } from './unless-aborted.js';
