export * from './written-world.js';
