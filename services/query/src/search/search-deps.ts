import type { Embedder } from '@soma/embedder';
import type { GraphStore } from '@soma/graph-store';
import type { MemoryStore } from '@soma/memory-store';
import type { SearchRequest } from '@soma/reads';
import type { Logger } from '@soma/service';
import type { VectorIndex } from '@soma/vector-index';
import type { Breaker } from '../breaker.js';
import type { StoreClock } from '../store-clock.js';
import type { Deadline } from './deadline.js';
import type { Degradation } from './degradation.js';
import type { SearchMetrics } from './metrics.js';
import type { Question } from './question.js';
import type { Weights } from './weights.js';

export interface SearchDeps {
  memories: MemoryStore;
  links: GraphStore;
  index: VectorIndex;
  /** Of one index generation, so that query and candidates are of one model. */
  collection: string;
  embedder: Embedder;
  indexBreaker: Breaker;
  embedderBreaker: Breaker;
  clock: StoreClock;
  /** Milliseconds that a search may take. */
  searchTimeoutMs: number;
  /** Those that are not as usual. */
  weights: Partial<Weights>;
  metrics: SearchMetrics;
  logger: Logger;
}

/** What all stages of one search share. */
export interface SearchParts {
  deadline: Deadline;
  degradation: Degradation;
}

/** One search on its way through the stages. */
export interface Search extends SearchParts {
  namespace: string;
  request: SearchRequest;
  question: Question;
  vector: Float32Array | null;
}
