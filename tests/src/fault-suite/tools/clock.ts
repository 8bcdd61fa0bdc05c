const RealDate = Date;

/** From now on `Date` is so much ahead of (or, below 0, behind) the clock. What measures durations is left alone. */
export function shiftClock(shiftMs: number): void {
  if (shiftMs === 0) {
    globalThis.Date = RealDate;
    return;
  }
  const now = (): number => RealDate.now() + shiftMs;
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, args: unknown[], newTarget) =>
      Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget) as Date,
    apply: () => new RealDate(now()).toString(),
    get: (target, name, receiver) =>
      name === 'now' ? now : (Reflect.get(target, name, receiver) as unknown),
  });
}
