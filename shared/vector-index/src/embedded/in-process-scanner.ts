import { Copies, type Scanner } from './scanner.js';

/** Scans on the calling thread, which stands still meanwhile: for tests and tools, not for a service. */
export function startInProcessScanner(): Scanner {
  const copies = new Copies();
  return {
    run: async (request) => copies.run(request),
    isBroken: () => false,
    waiting: () => 0,
    close: () => Promise.resolve(),
  };
}
