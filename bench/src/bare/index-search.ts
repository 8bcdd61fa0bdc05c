import { documentVector, queryVector } from '@soma/analysis';
import { DEFAULT_ATTRIBUTES, EVERYTHING, recallFacts } from '@soma/memory';
import { createPool } from '@soma/postgres';
import type { LivePoint } from '@soma/vector-index';
import { createEmbeddedVectorIndex } from '@soma/vector-index/embedded';
import { MEMORIES } from '../measure.js';
import { memoryText, question } from '../memories.js';
import { percentile } from '../percentile.js';

const COLLECTION = { name: 'bench', model: 'none', dimension: 8 };
const SEARCHES = 500;
const NAMESPACE = 'bench';

/** Median milliseconds of asking the embedded index itself for the candidates of a search by words. */
export async function bareIndexSearch(url: string): Promise<number> {
  const pool = createPool({ url, maxConnections: 4, applicationName: 'bench' }, () => undefined);
  const index = createEmbeddedVectorIndex({ pool });
  try {
    await index.ensureCollection(COLLECTION);
    await index.start();
    for (let first = 0; first < MEMORIES; first += 500) {
      await index.upsert(
        COLLECTION.name,
        Array.from({ length: 500 }, (_, offset) => pointOf(first + offset)),
      );
    }
    const latencies: number[] = [];
    for (let n = 0; n < SEARCHES; n += 1) {
      const sparse = { vector: queryVector(question(n)), limit: 100 };
      const started = performance.now();
      await index.search(COLLECTION.name, {
        namespace: NAMESPACE,
        filter: EVERYTHING,
        now: Date.now(),
        dense: null,
        sparse,
        about: false,
      });
      latencies.push(performance.now() - started);
    }
    return percentile(latencies, 0.5);
  } finally {
    await index.close();
    await pool.end();
  }
}

function pointOf(number: number): LivePoint {
  const key = `m${number}`;
  const text = memoryText(number);
  const written = { ...DEFAULT_ATTRIBUTES, updated_at: 0, payload: { text } };
  return {
    deleted: false,
    namespace: NAMESPACE,
    key,
    partition: 0,
    revision: number + 1,
    dense: null,
    sparse: documentVector(text),
    fields: { ...written, expires_at: null, created_at: 0, version: 1, coord: key },
    facts: recallFacts({ ...written, text }),
  };
}
