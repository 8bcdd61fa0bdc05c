import { choice, integer, text, url } from './setting-types.js';
import { setting } from './setting.js';

/** Spread into a schema that is then refined: `z.object({ …, ...embedderSettings }).superRefine(requireEmbedderEndpoint)`. */
export const embedderSettings = {
  SOMA_EMBEDDER: setting(choice(['bundled', 'transformers', 'openai', 'hash']).default('bundled'), {
    doc: 'What makes vectors of texts; docs/embedders.md compares them. bundled: vectors of English words that come with the installation. transformers: a sentence-transformers model in this process. openai: an endpoint that speaks the OpenAI embeddings API (Ollama, TEI, vLLM, OpenAI). hash: of the words alone, for tests. Equal in indexer and query; another one means another collection.',
    example: 'openai',
  }),
  SOMA_EMBEDDER_URL: setting(url(['http', 'https']).optional(), {
    doc: 'Base URL of the endpoint, up to and with /v1. Needed with SOMA_EMBEDDER=openai.',
    example: 'http://localhost:11434/v1',
  }),
  SOMA_EMBEDDER_MODEL: setting(text().optional(), {
    doc: 'With openai: the model that the endpoint is asked for, needed. With transformers: a folder with the model, or its id at the Hugging Face hub; without it all-MiniLM-L6-v2. Another model means another collection.',
    example: 'nomic-embed-text',
  }),
  SOMA_EMBEDDER_API_KEY: setting(text().optional(), {
    doc: 'Bearer token of the endpoint, when it asks for one.',
    example: '<key>',
    secret: true,
  }),
  SOMA_EMBEDDER_DIMENSION: setting(integer({ min: 8, max: 8_192 }).optional(), {
    doc: 'Numbers in one vector; must be what the model gives. Needed with openai, and with transformers when the model is named by an id at the hub other than the default.',
    example: '768',
  }),
};

const ENDPOINT_SETTINGS = ['SOMA_EMBEDDER_URL', 'SOMA_EMBEDDER_MODEL', 'SOMA_EMBEDDER_DIMENSION'] as const;

type EmbedderValues = { SOMA_EMBEDDER: 'bundled' | 'transformers' | 'openai' | 'hash' } & Partial<
  Record<(typeof ENDPOINT_SETTINGS)[number], string | number | undefined>
>;

/** What `SOMA_EMBEDDER=openai` cannot do without. */
export function requireEmbedderEndpoint(
  values: EmbedderValues,
  context: { addIssue(issue: { code: 'custom'; path: string[]; message: string }): void },
): void {
  if (values.SOMA_EMBEDDER !== 'openai') return;
  for (const name of ENDPOINT_SETTINGS) {
    if (values[name] !== undefined) continue;
    context.addIssue({
      code: 'custom',
      path: [name],
      message: 'is not set, and SOMA_EMBEDDER=openai needs it',
    });
  }
}
