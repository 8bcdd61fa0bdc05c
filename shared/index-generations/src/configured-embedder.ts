import type { Embedder } from '@soma/embedder';
import { SomaError } from '@soma/memory';
import type { EmbedderSpec, IndexGeneration } from '@soma/vector-index';

/** What the settings name, and the embedder that it opens. */
export interface ConfiguredEmbedder {
  spec: EmbedderSpec;
  embedder: Pick<Embedder, 'model' | 'dimension'>;
}

/** Do they give the same vectors? Where the endpoint is plays no part. */
export function isSame(
  { spec, embedder }: ConfiguredEmbedder,
  generation: Pick<IndexGeneration, 'spec' | 'model' | 'dimension'>,
): boolean {
  const dimension = knownDimension(embedder);
  return (
    spec.kind === generation.spec.kind &&
    embedder.model === generation.model &&
    (dimension === undefined || dimension === generation.dimension)
  );
}

/** Some models tell only after their start. */
function knownDimension(embedder: Pick<Embedder, 'dimension'>): number | undefined {
  try {
    return embedder.dimension;
  } catch {
    return undefined;
  }
}

/** Why a process does not start with these settings, and the two ways out. */
export function refusal(configured: EmbedderSpec, active: IndexGeneration): SomaError {
  return new SomaError(
    'invalid_configuration',
    `SOMA_EMBEDDER… name ${told(configured)}, but the index is of ${told(active.spec)}. ` +
      `Start with ${settingsText(active.spec)}; then, to change the embedder while everything runs: ` +
      commandText(configured),
  );
}

/** Said while a process runs with the settings of a generation that is not the active one. */
export function warning(named: IndexGeneration, active: IndexGeneration): string {
  const settings = settingsText(active.spec);
  return named.state === 'kept'
    ? `SOMA_EMBEDDER… still name the former embedder, ${told(named.spec)}; searches use ${told(active.spec)}. ` +
        `Set ${settings} before soma reindex --finish, after which this would not start`
    : `SOMA_EMBEDDER… name ${told(named.spec)}, whose vectors are still being made; searches use ${told(active.spec)}`;
}

/** As settings: what to set so that a process names this embedder. */
export function settingsText({ kind, model, url, dimension }: EmbedderSpec): string {
  const settings = { '': kind, _URL: url, _MODEL: model, _DIMENSION: dimension };
  return Object.entries(settings)
    .flatMap(([name, value]) => (value === null ? [] : [`SOMA_EMBEDDER${name}=${value}`]))
    .join(' ');
}

function commandText({ kind, model, url, dimension }: EmbedderSpec): string {
  const options = { embedder: kind, model, endpoint: url, dimension };
  const words = Object.entries(options).flatMap(([name, value]) =>
    value === null ? [] : [`--${name} ${value}`],
  );
  return ['soma reindex', ...words].join(' ');
}

function told({ kind, model, dimension }: EmbedderSpec): string {
  const rest = [model, dimension].filter((part) => part !== null).join(', ');
  return rest === '' ? kind : `${kind} (${rest})`;
}
