import type { ApiClient } from '../api-client.js';
import { distinctQuestion } from '../memories.js';
import { percentile } from '../percentile.js';
import type { BareSearch } from './bare-search.js';
import { meansBetween, readStageTimes } from './stage-times.js';

const WARM = 50;
const SEARCHES = 300;

/** Times in milliseconds, where not said otherwise. */
export interface SearchFigures {
  memories: number;
  /** Seconds from the start of the process until its index is loaded, measured on a copy beside it. */
  loadSeconds: number;
  restP50: number;
  restP99: number;
  /** As the answers say: without HTTP. */
  serviceP50: number;
  serviceP99: number;
  bareEmbedP50: number;
  bareIndexP50: number;
  bareP50: number;
  /** Share of the searches that did without a part because that was late. */
  degraded: number;
  /** Mean of each stage. */
  stages: Map<string, number>;
}

export interface Measured {
  api: ApiClient;
  namespace: string;
  /** Of the process that searches. */
  opsUrl: string;
  bare: BareSearch;
  memories: number;
  /** Rounds before this one: each has questions of its own, for the service remembers the vectors of queries. */
  earlier: number;
}

/** Each question once through the service and once on the parts alone, in turns, so that both see the same machine. */
export async function measureSearches(measured: Measured): Promise<SearchFigures> {
  const { api, namespace, opsUrl, bare, memories, earlier } = measured;
  const search = async (query: string) => {
    const started = performance.now();
    const { body } = await api.call<{ took_ms: number; degraded_reasons: string[] }>(
      'POST',
      '/memories/search',
      { query, top_k: 10 },
    );
    return {
      rest: performance.now() - started,
      service: body.took_ms,
      isDegraded: body.degraded_reasons.length > 0,
    };
  };
  // Code that has run a few times is what runs in service; no question of these comes again.
  for (let n = 0; n < WARM; n += 1) {
    await search(`${distinctQuestion(n)} again`);
    await bare.ask(namespace, `${distinctQuestion(n)} again`);
  }
  const before = await readStageTimes(opsUrl);
  const served: Awaited<ReturnType<typeof search>>[] = [];
  const alone: Awaited<ReturnType<BareSearch['ask']>>[] = [];
  for (let n = 0; n < SEARCHES; n += 1) {
    const query = distinctQuestion(earlier * SEARCHES + n);
    served.push(await search(query));
    alone.push(await bare.ask(namespace, query));
  }
  const p = (values: number[], part: number) => percentile(values, part);
  const [rest, service] = [served.map((one) => one.rest), served.map((one) => one.service)];
  return {
    memories,
    loadSeconds: bare.loadSeconds,
    restP50: p(rest, 0.5),
    restP99: p(rest, 0.99),
    serviceP50: p(service, 0.5),
    serviceP99: p(service, 0.99),
    bareEmbedP50: p(
      alone.map(({ embed }) => embed),
      0.5,
    ),
    bareIndexP50: p(
      alone.map(({ index }) => index),
      0.5,
    ),
    bareP50: p(
      alone.map(({ embed, index }) => embed + index),
      0.5,
    ),
    degraded: served.filter(({ isDegraded }) => isDegraded).length / served.length,
    stages: meansBetween(before, await readStageTimes(opsUrl)),
  };
}
