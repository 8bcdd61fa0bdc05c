type Stop = () => void;

const waiting = new WeakMap<AbortSignal, Set<Stop>>();

/**
 * Calls `stop` when the signal is aborted, until what is returned is called. However many calls share a signal, it has
 * one listener: Node takes more than ten for a leak, and says so.
 */
export function onAbort(signal: AbortSignal, stop: Stop): () => void {
  const stops = waiting.get(signal) ?? listenTo(signal);
  stops.add(stop);
  return () => {
    stops.delete(stop);
  };
}

/** The listener stays with the signal, and goes with it. */
function listenTo(signal: AbortSignal): Set<Stop> {
  const stops = new Set<Stop>();
  waiting.set(signal, stops);
  const tell = (): void => {
    for (const stop of stops) stop();
  };
  signal.addEventListener('abort', tell, { once: true });
  return stops;
}
