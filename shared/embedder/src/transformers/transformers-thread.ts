import { serveModel } from '../local/serve-model.js';
import { loadTransformer, type TransformerConfig } from './load-transformer.js';

await serveModel((config) => loadTransformer(config as TransformerConfig));
