export { SomaStore, type SomaStoreOptions } from './soma-store.js';
