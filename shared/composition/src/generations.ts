import { IndexGenerations } from '@soma/index-generations';
import { SomaError } from '@soma/memory';
import { embedderSettings, requireEmbedderEndpoint, type Service, type ServiceContext } from '@soma/service';
import type { Collections, EmbedderSpec } from '@soma/vector-index';
import { createPostgresCollections } from '@soma/vector-index/postgres';
import type pg from 'pg';
import { z } from 'zod';
import { closing } from './cluster.js';
import { embedderFrom, type EmbedderSettings } from './embedder.js';
import { apiKeyFor } from './embedder-keys.js';

/** The generations of the index, opened with what this process knows of embedders. */
export function openGenerations(
  settings: EmbedderSettings,
  pool: pg.Pool,
  { logger, registry }: Pick<ServiceContext, 'logger' | 'registry'>,
): { collections: Collections; generations: IndexGenerations; closing: Service } {
  const collections = createPostgresCollections({ pool });
  const generations = new IndexGenerations({
    collections,
    configured: specOf(settings),
    open: (spec) => embedderFrom(settingsOf(spec, settings), logger, registry),
    logger,
  });
  return { collections, generations, closing: closing('embedders', () => generations.close()) };
}

/** What the settings say of the embedder, without its key. */
function specOf(settings: EmbedderSettings): EmbedderSpec {
  return {
    kind: settings.SOMA_EMBEDDER,
    model: settings.SOMA_EMBEDDER_MODEL ?? null,
    url: settings.SOMA_EMBEDDER_URL ?? null,
    dimension: settings.SOMA_EMBEDDER_DIMENSION ?? null,
  };
}

const schema = z.object(embedderSettings).superRefine(requireEmbedderEndpoint);

/**
 * The settings that name this embedder; the key is the one that this process has for its endpoint.
 * @throws SomaError invalid_configuration for one that no process could have
 */
function settingsOf({ kind, model, url, dimension }: EmbedderSpec, own: EmbedderSettings): EmbedderSettings {
  const parsed = schema.safeParse({
    SOMA_EMBEDDER: kind,
    SOMA_EMBEDDER_MODEL: model ?? undefined,
    SOMA_EMBEDDER_URL: url ?? undefined,
    SOMA_EMBEDDER_DIMENSION: dimension === null ? undefined : String(dimension),
    SOMA_EMBEDDER_API_KEY: url === null ? undefined : apiKeyFor(url, own),
  });
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`);
  throw new SomaError('invalid_configuration', `no embedder opens with these: ${problems.join('; ')}`);
}
