import type { Request } from 'express';

/**
 * Watches that the body of a request arrives whole in time. Node's own timeout of a request knows no exceptions, and a
 * body that is worked on while it arrives takes as long as the work.
 */
export class Arrival {
  readonly #request: Request;
  #timer: NodeJS.Timeout | undefined;

  /** @param onLate called once, unless the body is there before */
  constructor(request: Request, timeoutMs: number, onLate: () => void) {
    this.#request = request;
    if (!hasBody(request)) return;
    this.#timer = setTimeout(() => {
      if (!request.complete) onLate();
    }, timeoutMs);
    request.once('end', this.release);
    request.socket.once('close', this.release);
  }

  /** From now on who reads the body watches it. */
  readonly release = (): void => {
    clearTimeout(this.#timer);
    this.#request.socket.off('close', this.release);
  };
}

function hasBody({ headers }: Request): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}
