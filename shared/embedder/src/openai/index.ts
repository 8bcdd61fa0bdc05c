export { createOpenAiEmbedder } from './openai-embedder.js';
export type { OpenAiEmbedderConfig } from './config.js';
