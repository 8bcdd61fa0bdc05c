import type { EmbedderSettings } from './embedder.js';

/**
 * The key for an endpoint. Each belongs to one origin: whoever may start a reindex names a URL, and could otherwise have
 * the key sent to wherever they like.
 */
export function apiKeyFor(url: string, settings: EmbedderSettings): string | undefined {
  const { SOMA_EMBEDDER_URL: own, SOMA_EMBEDDER_API_KEY: key, SOMA_EMBEDDER_API_KEYS: others } = settings;
  const { origin } = new URL(url);
  if (own !== undefined && new URL(own).origin === origin) return key ?? others?.get(origin);
  return others?.get(origin);
}
