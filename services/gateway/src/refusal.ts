import { SomaError, type ErrorCode } from '@soma/memory';

/** Where in a request something is wrong; RFC 6901 pointer into the body, or the name of a parameter or header. */
export type FaultPlace = { pointer: string } | { parameter: string } | { header: string };
export type Fault = FaultPlace & { detail: string };

export interface RefusalOptions {
  faults?: readonly Fault[];
  /** Further headers of the answer: Allow, Retry-After. */
  headers?: Readonly<Record<string, string>>;
  cause?: unknown;
}

/** A request that is not carried out; becomes a problem document. `message` is its `detail` and holds no content. */
export class RequestRefused extends SomaError {
  readonly faults: readonly Fault[];
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: ErrorCode, message: string, options: RefusalOptions = {}) {
    super(code, message, options.cause === undefined ? {} : { cause: options.cause });
    this.faults = options.faults ?? [];
    this.headers = options.headers ?? {};
  }
}

export function invalidHeader(header: string, detail: string): RequestRefused {
  return new RequestRefused('invalid_request', `the header ${header} is not valid`, {
    faults: [{ header, detail }],
  });
}

export function invalidParameter(parameter: string, detail: string): RequestRefused {
  return new RequestRefused('invalid_request', 'a parameter of the request is not valid', {
    faults: [{ parameter, detail }],
  });
}
