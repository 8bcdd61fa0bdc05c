import { choice, integer, list, text, url } from './setting-types.js';
import { setting } from './setting.js';

/** `origin=key` pairs, as a map. */
function keysByOrigin() {
  const message = 'must be pairs like https://api.example.com=<key>, separated by commas';
  return list().transform((pairs, context) => {
    const keys = new Map<string, string>();
    for (const pair of pairs) {
      const [, origin = '', key = ''] = /^(https?:\/\/[^=]+)=(.+)$/.exec(pair) ?? [];
      if (URL.canParse(origin)) keys.set(new URL(origin).origin, key);
      // The pair itself holds a secret and is not shown.
      else context.addIssue({ code: 'custom', message });
    }
    return keys;
  });
}

/** Spread into a schema that is then refined: `z.object({ …, ...embedderSettings }).superRefine(requireEmbedderEndpoint)`. */
export const embedderSettings = {
  SOMA_EMBEDDER: setting(choice(['bundled', 'transformers', 'openai', 'hash']).default('bundled'), {
    doc: 'What makes vectors of texts; docs/embedders.md compares them. bundled: vectors of English words that come with the installation. transformers: a sentence-transformers model in this process. openai: an endpoint that speaks the OpenAI embeddings API (Ollama, TEI, vLLM, OpenAI). hash: of the words alone, for tests. Equal in indexer and query; changed by soma reindex.',
    example: 'openai',
  }),
  SOMA_EMBEDDER_URL: setting(url(['http', 'https']).optional(), {
    doc: 'Base URL of the endpoint, up to and with /v1. Needed with SOMA_EMBEDDER=openai.',
    example: 'http://localhost:11434/v1',
  }),
  SOMA_EMBEDDER_MODEL: setting(text().optional(), {
    doc: 'With openai: the model that the endpoint is asked for, needed. With transformers: a folder with the model, or its id at the Hugging Face hub; without it all-MiniLM-L6-v2. Another model means a reindex.',
    example: 'nomic-embed-text',
  }),
  SOMA_EMBEDDER_API_KEY: setting(text().optional(), {
    doc: 'Bearer token of the endpoint, when it asks for one. Sent to the origin of SOMA_EMBEDDER_URL only.',
    example: '<key>',
    secret: true,
  }),
  SOMA_EMBEDDER_API_KEYS: setting(keysByOrigin().optional(), {
    doc: 'Bearer tokens of further endpoints, for a reindex from one to another: origin=key, separated by commas. Each is sent to its origin only.',
    example: 'https://api.example.com=<key>',
    secret: true,
  }),
  SOMA_EMBEDDER_DIMENSION: setting(integer({ min: 8, max: 8_192 }).optional(), {
    doc: 'Numbers in one vector; must be what the model gives. Needed with openai, and with transformers when the model is named by an id at the hub other than the default. Of hash 256 unless set.',
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
