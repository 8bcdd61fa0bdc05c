import { choice, flag, integer, text, url } from './setting-types.js';
import { setting } from './setting.js';

export const embeddedIndexSettings = {
  SOMA_INDEX_MAX_POINTS: setting(integer({ min: 1, max: 100_000_000 }).default(500_000), {
    doc: 'Most memories that the vector index without Qdrant takes. Past it what is to be indexed waits, and the log says so; searches go on with what is there.',
    example: '500000',
  }),
};

export const qdrantSettings = {
  ...embeddedIndexSettings,
  SOMA_QDRANT_URL: setting(url(['http', 'https']).optional(), {
    doc: 'The Qdrant (1.18 or later) that holds the vectors. Without it they are rows in Postgres, of which each query process scans a copy: up to about 500,000 memories.',
    example: 'http://localhost:40023',
  }),
  SOMA_QDRANT_API_KEY: setting(text().optional(), {
    doc: 'API key of Qdrant, when it asks for one.',
    example: '<key>',
    secret: true,
  }),
  SOMA_QDRANT_COLLECTION_PREFIX: setting(text().default('soma_'), {
    doc: 'Put before the names of collections, so that several installations share one Qdrant.',
    example: 'staging_',
  }),
  SOMA_QDRANT_SHARDS: setting(integer({ min: 1, max: 1_000 }).optional(), {
    doc: 'Shards of a new collection. Without it what Qdrant takes itself: one for each of its nodes.',
    example: '6',
  }),
  SOMA_QDRANT_REPLICAS: setting(integer({ min: 1, max: 16 }).default(1), {
    doc: 'Copies of each shard of a new collection. Above 1, writes and reads each ask a majority of them.',
    example: '3',
  }),
  SOMA_QDRANT_GRAPH_DEGREE: setting(integer({ min: 4, max: 256 }).default(16), {
    doc: "Neighbours that a point has in its namespace's graph (payload_m of HNSW), of a new collection. More find more, and take memory and time to build.",
    example: '32',
  }),
  SOMA_QDRANT_SEARCH_BREADTH: setting(integer({ min: 1, max: 10_000 }).optional(), {
    doc: "Candidates that a search keeps in mind on its way through the graph (hnsw_ef): more are more exact and slower. Without it Qdrant's own.",
    example: '256',
  }),
  SOMA_QDRANT_QUANTIZATION: setting(choice(['none', 'scalar', 'binary']).default('none'), {
    doc: 'How a new collection keeps vectors in memory: whole (none), a byte a number (scalar, a quarter), or a bit (binary, for models of 1,000 numbers and more). The best found are compared by the whole vectors.',
    example: 'scalar',
  }),
  SOMA_QDRANT_VECTORS_ON_DISK: setting(flag().default(false), {
    doc: 'A new collection keeps whole vectors on disk instead of in memory; with a quantization.',
    example: '1',
  }),
};
