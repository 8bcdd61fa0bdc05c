import { clusterSettings } from '@soma/composition';
import {
  embedderSettings,
  flag,
  integer,
  internalTokenSettings,
  port,
  processSettings,
  qdrantSettings,
  redisSettings,
  requireEmbedderEndpoint,
  setting,
  text,
} from '@soma/service';
import { z } from 'zod';

export const searchSettings = {
  SOMA_SEARCH_TIMEOUT: setting(integer({ min: 10, max: 60_000 }).default(2_000), {
    doc: 'Milliseconds that a search may take. Embedder and index get at most half of what is left of it, so that there is time to answer from what works; 504 deadline_exceeded when there is nothing to answer with.',
    example: '2000',
  }),
  SOMA_ACCESS_COUNTS: setting(flag().default(false), {
    doc: 'Counts how often each memory is read or found, for retention policies with `accesses` and for the ranking weight of that name. About right: counts of the last 5 seconds are lost when the process dies.',
    example: '1',
  }),
  SOMA_RECALL_WEIGHTS: setting(text().optional(), {
    doc: 'File with weights of the ranking as `npm run recall:fit` writes it. Absent: the round ones that the service comes with.',
    example: '/etc/soma/weights.json',
  }),
};

const MiB = 1024 * 1024;

/** All settings of the query service. */
export const querySettings = z
  .object({
    ...processSettings('query'),
    ...clusterSettings,
    ...redisSettings,
    ...qdrantSettings,
    ...embedderSettings,
    ...internalTokenSettings,
    ...searchSettings,
    SOMA_QUERY_HOST: setting(text().default('127.0.0.1'), {
      doc: 'Address of the internal port that only the gateway may reach.',
      example: '0.0.0.0',
    }),
    SOMA_QUERY_PORT: setting(port().default(40026), {
      doc: 'Internal port of the query service.',
      example: '40026',
    }),
    SOMA_QUERY_MAX_IN_FLIGHT: setting(integer({ min: 1, max: 100_000 }).default(2_000), {
      doc: 'Most reads and searches under way in this process, of all gateways together; further ones get 503 overloaded.',
      example: '2000',
    }),
    SOMA_QUERY_MAX_ANSWER_MEMORY: setting(integer({ min: 1, max: 16_384 * MiB }).default(256 * MiB), {
      doc: 'Most bytes of all memories that this process holds for answers at one time; beyond it 503 overloaded.',
      example: String(256 * MiB),
    }),
  })
  .superRefine(requireEmbedderEndpoint);
