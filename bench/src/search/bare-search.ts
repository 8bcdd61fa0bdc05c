import { queryVector } from '@soma/analysis';
import type { Embedder } from '@soma/embedder';
import { EVERYTHING } from '@soma/memory';
import { createPool } from '@soma/postgres';
import type { VectorIndex } from '@soma/vector-index';
import { createEmbeddedVectorIndex } from '@soma/vector-index/embedded';
import { createQdrantIndex } from '@soma/vector-index/qdrant';
import { collectionOf } from '@soma/index-generations';

/** Candidates that the service asks for. */
const CANDIDATES = 100;

/** The least that a search can be: the query embedded, and the index asked for the candidates. */
export interface BareSearch {
  /** Milliseconds. */
  ask(namespace: string, query: string): Promise<{ embed: number; index: number }>;
  /** Seconds that the copy took to load; 0 where the index is a server's. */
  loadSeconds: number;
  close(): Promise<void>;
}

/** @param qdrantUrl undefined: the embedded index, of which this process holds a copy of its own */
export async function openBareSearch(
  postgresUrl: string,
  qdrantUrl: string | undefined,
  embedder: Embedder,
): Promise<BareSearch> {
  const pool = createPool({ url: postgresUrl, maxConnections: 4, applicationName: 'bench' }, () => undefined);
  const index: VectorIndex =
    qdrantUrl === undefined ? createEmbeddedVectorIndex({ pool }) : createQdrantIndex({ url: qdrantUrl });
  const began = performance.now();
  await index.start();
  const loadSeconds = qdrantUrl === undefined ? (performance.now() - began) / 1000 : 0;
  return {
    loadSeconds,
    ask: async (namespace, query) => {
      const started = performance.now();
      const [embedding] = await embedder.embed([query], { purpose: 'query' });
      if (embedding === undefined || !('vector' in embedding)) throw new Error('the query was not embedded');
      const embedded = performance.now();
      await index.search(collectionOf(embedder), {
        namespace,
        filter: EVERYTHING,
        now: Date.now(),
        dense: { vector: embedding.vector, limit: CANDIDATES },
        sparse: { vector: queryVector(query), limit: CANDIDATES },
        about: false,
      });
      return { embed: embedded - started, index: performance.now() - embedded };
    },
    close: async () => {
      await index.close();
      await pool.end();
    },
  };
}
