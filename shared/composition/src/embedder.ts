import { createCachedEmbedder, type Embedder } from '@soma/embedder';
import { createBundledEmbedder } from '@soma/embedder/bundled';
import { createHashEmbedder } from '@soma/embedder/hash';
import { createOpenAiEmbedder } from '@soma/embedder/openai';
import { createTransformersEmbedder } from '@soma/embedder/transformers';
import { SomaError } from '@soma/memory';
import { embedderSettings, type Logger } from '@soma/service';
import type { Registry } from 'prom-client';
import type { z } from 'zod';
import { rememberedQueries } from './bounds.js';
import { measureEmbedder } from './observers.js';

export type EmbedderSettings = z.output<z.ZodObject<typeof embedderSettings>>;

/** Of queries, which repeat. */
const CACHE = { maxEntries: 10_000, maxBytes: 64 * 1024 * 1024 };

/** The embedder that SOMA_EMBEDDER names; with a registry, its calls and what it remembers are counted there. */
export function embedderFrom(settings: EmbedderSettings, logger: Logger, registry?: Registry): Embedder {
  const embedder = uncached(settings, logger, registry);
  if (registry === undefined) return createCachedEmbedder(embedder, CACHE);
  return createCachedEmbedder(measureEmbedder(embedder, registry), {
    ...CACHE,
    onChange: rememberedQueries(registry),
  });
}

function uncached(settings: EmbedderSettings, logger: Logger, registry: Registry | undefined): Embedder {
  const { SOMA_EMBEDDER_MODEL: model, SOMA_EMBEDDER_DIMENSION: dimension } = settings;
  switch (settings.SOMA_EMBEDDER) {
    case 'hash':
      return createHashEmbedder(dimension === undefined ? {} : { dimension });
    case 'bundled':
      return createBundledEmbedder({ registry });
    case 'transformers':
      return createTransformersEmbedder({ model, dimension }, { registry });
    case 'openai':
      return overHttp(settings, logger);
  }
}

function overHttp(settings: EmbedderSettings, logger: Logger): Embedder {
  const {
    SOMA_EMBEDDER_URL: url,
    SOMA_EMBEDDER_MODEL: model,
    SOMA_EMBEDDER_DIMENSION: dimension,
    SOMA_EMBEDDER_API_KEY: apiKey,
  } = settings;
  if (url === undefined || model === undefined || dimension === undefined) {
    throw new SomaError(
      'invalid_configuration',
      'SOMA_EMBEDDER=openai needs SOMA_EMBEDDER_URL, SOMA_EMBEDDER_MODEL and SOMA_EMBEDDER_DIMENSION',
    );
  }
  return createOpenAiEmbedder({ url, model, dimension, logger, ...(apiKey === undefined ? {} : { apiKey }) });
}
