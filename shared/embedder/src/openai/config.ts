import { SomaError } from '@soma/memory';

export interface OpenAiEmbedderConfig {
  /** Base URL, with or without /v1: `http://ollama:11434`, `https://api.openai.com/v1`. */
  url: string;
  /** Sent as a bearer token; never logged. */
  apiKey?: string;
  model: string;
  /** What the model must give. Absent: asked at `start`, then held to. */
  dimension?: number;
  /** Sends `dimensions`, for models that can give shorter vectors. Needs `dimension`; many servers refuse it. Default false. */
  requestDimension?: boolean;
  /** How vectors are asked for; answers of either kind are read. base64 takes a tenth of the time to parse. Default base64. */
  encoding?: 'base64' | 'float';
  /** Texts of one request at most. Default 64. */
  batchSize?: number;
  /** Characters of one request at most; a longer text goes alone. Default 262,144. */
  batchCharacters?: number;
  /** Milliseconds for one request, its answer included. Default 10,000. */
  timeoutMs?: number;
  /** Requests under way at a time. Default 4. */
  maxConcurrent?: number;
  /** Attempts for one request, the first included, when the endpoint may answer soon. Default 3. */
  maxAttempts?: number;
  /** Hears of each attempt that failed; gets no texts, keys or URLs. */
  logger?: { warn(fields: Record<string, unknown>, message: string): void };
}

/** The configuration with its defaults, checked. */
export interface Settings {
  endpoint: string;
  headers: Record<string, string>;
  /** Sent with every request beside `input`. */
  parameters: Record<string, unknown>;
  model: string;
  dimension: number | undefined;
  batchSize: number;
  batchCharacters: number;
  timeoutMs: number;
  maxConcurrent: number;
  maxAttempts: number;
  warn: (fields: Record<string, unknown>, message: string) => void;
}

/** @throws invalid_configuration, with neither the URL nor the key in it. */
export function settingsOf(config: OpenAiEmbedderConfig): Settings {
  if (config.model === '') throw invalid('the embedding model has no name');
  if (config.requestDimension === true && config.dimension === undefined) {
    throw invalid('requestDimension needs a dimension');
  }
  return {
    endpoint: endpointOf(config.url),
    headers: headersOf(config.apiKey),
    parameters: {
      model: config.model,
      encoding_format: config.encoding ?? 'base64',
      ...(config.requestDimension === true ? { dimensions: config.dimension } : {}),
    },
    model: config.model,
    dimension: config.dimension === undefined ? undefined : positive('dimension', config.dimension),
    batchSize: positive('batchSize', config.batchSize ?? 64),
    batchCharacters: positive('batchCharacters', config.batchCharacters ?? 256 * 1024),
    timeoutMs: positive('timeoutMs', config.timeoutMs ?? 10_000),
    maxConcurrent: positive('maxConcurrent', config.maxConcurrent ?? 4),
    maxAttempts: positive('maxAttempts', config.maxAttempts ?? 3),
    warn: (fields, message) => config.logger?.warn(fields, message),
  };
}

function endpointOf(text: string): string {
  if (!URL.canParse(text)) throw invalid('the URL of the embedding endpoint is none');
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw invalid('the embedding endpoint must be http or https');
  if (url.username !== '' || url.password !== '') {
    throw invalid('the URL of the embedding endpoint holds a login; give the key as the API key');
  }
  const path = url.pathname.replace(/\/+$/, '');
  if (!path.endsWith('/embeddings')) url.pathname = path === '' ? '/v1/embeddings' : `${path}/embeddings`;
  return url.href;
}

function headersOf(apiKey: string | undefined): Record<string, string> {
  const headers = { 'content-type': 'application/json', accept: 'application/json' };
  if (apiKey === undefined) return headers;
  // Checked here, for fetch would quote the key in its error.
  if (!/^[\x21-\x7e]+$/.test(apiKey))
    throw invalid('the API key of the embedding endpoint has characters that no key has');
  return { ...headers, authorization: `Bearer ${apiKey}` };
}

function positive(name: string, value: number): number {
  if (!Number.isSafeInteger(value) || value < 1)
    throw invalid(`${name} of the embedder must be a whole number above 0`);
  return value;
}

function invalid(message: string): SomaError {
  return new SomaError('invalid_configuration', message);
}
