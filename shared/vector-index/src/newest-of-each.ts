import type { IndexPoint } from './port.js';

/** The newest of each point, so that no request touches one twice. */
export function newestOfEach(points: IndexPoint[]): IndexPoint[] {
  const newest = new Map<string, IndexPoint>();
  for (const point of points) {
    const id = `${point.namespace}/${point.key}`;
    const other = newest.get(id);
    if (other === undefined || other.revision < point.revision) newest.set(id, point);
  }
  return [...newest.values()];
}
