import type { VectorIndex } from '@soma/vector-index';

/** An index that takes so many more upserts into other collections than the one named, and then lets its writer wait. */
export function holdable(inner: VectorIndex, free: string) {
  let left = Number.POSITIVE_INFINITY;
  let upserted = 0;
  let goOn = (): void => undefined;
  let held = Promise.resolve();
  const through = new Proxy(inner, {
    get: (target, name) => {
      if (name !== 'upsert') {
        const member: unknown = Reflect.get(target, name, target);
        return typeof member === 'function' ? (member.bind(target) as unknown) : member;
      }
      return async (collection: string, points: Parameters<VectorIndex['upsert']>[1]) => {
        if (collection !== free) {
          if (left <= 0) await held;
          left -= 1;
          upserted += points.length;
        }
        return target.upsert(collection, points);
      };
    },
  });
  return {
    index: through,
    /** Points so far. */
    upserted: () => upserted,
    holdAfter: (upserts: number) => {
      left = upserts;
      held = new Promise((resolve) => {
        goOn = resolve;
      });
    },
    goOn: () => {
      goOn();
    },
  };
}
