export { SomaRetriever, type SomaRetrieverInput } from './retriever.js';
