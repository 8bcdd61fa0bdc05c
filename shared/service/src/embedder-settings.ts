import { choice, integer, text, url } from './setting-types.js';
import { setting } from './setting.js';

/** Spread into a schema that is then refined: `z.object({ …, ...embedderSettings }).superRefine(requireEmbedderEndpoint)`. */
export const embedderSettings = {
  SOMA_EMBEDDER: setting(choice(['hash', 'openai']).default('hash'), {
    doc: 'What makes vectors of texts. hash: of the words alone, without a model, for trying out. openai: an endpoint that speaks the OpenAI embeddings API (Ollama, TEI, vLLM, OpenAI). Equal in indexer and query.',
    example: 'openai',
  }),
  SOMA_EMBEDDER_URL: setting(url(['http', 'https']).optional(), {
    doc: 'Base URL of the endpoint, up to and with /v1. Needed with SOMA_EMBEDDER=openai.',
    example: 'http://localhost:11434/v1',
  }),
  SOMA_EMBEDDER_MODEL: setting(text().optional(), {
    doc: 'Model that the endpoint is asked for; another model means another collection. Needed with SOMA_EMBEDDER=openai.',
    example: 'nomic-embed-text',
  }),
  SOMA_EMBEDDER_API_KEY: setting(text().optional(), {
    doc: 'Bearer token of the endpoint, when it asks for one.',
    example: '<key>',
    secret: true,
  }),
  SOMA_EMBEDDER_DIMENSION: setting(integer({ min: 8, max: 8_192 }).optional(), {
    doc: 'Numbers in one vector. Needed with SOMA_EMBEDDER=openai; must be what the model gives.',
    example: '768',
  }),
};

const ENDPOINT_SETTINGS = ['SOMA_EMBEDDER_URL', 'SOMA_EMBEDDER_MODEL', 'SOMA_EMBEDDER_DIMENSION'] as const;

type EmbedderValues = { SOMA_EMBEDDER: 'hash' | 'openai' } & Partial<
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
