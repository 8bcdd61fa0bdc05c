export { SomaChatMessageHistory, type SomaChatMessageHistoryInput } from './chat-message-history.js';
export { SomaRetriever, type SomaRetrieverInput } from './retriever.js';
