import { SomaError } from '@soma/memory';

/** What a caller gets whose signal aborted. */
export function gaveUp(signal: AbortSignal): SomaError {
  return new SomaError('embedder_unavailable', 'the caller gave up', { cause: signal.reason });
}
