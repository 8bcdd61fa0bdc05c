import { join } from 'node:path';
import { ROOT, until, type ServiceProcess } from '../../system/index.js';
import { isFaultReport, type FaultOrder, type PointOrder } from './fault-orders.js';

/** What a service process is started with; built, because Node loads it. */
export const FAULT_POINTS = join(ROOT, 'tests/dist/fault-suite/tools/fault-points.js');

const TOLD_TIMEOUT_MS = 30_000;

/** A process that was started with the preload. */
export type Preloaded = Pick<ServiceProcess, 'name' | 'ended' | 'tell' | 'onMessage' | 'exit'>;

export interface ArmedPoint {
  /** Has the process come there? */
  isHit(): boolean;
  /**
   * False when the process ended in another way before it came there.
   * @throws when it does neither in time
   */
  hit(timeoutMs: number): Promise<boolean>;
  disarm(): void;
}

let lastId = 0;

/** The process ends or halts itself at the next pass. */
export async function armPoint(service: Preloaded, order: PointOrder): Promise<ArmedPoint> {
  lastId += 1;
  const id = lastId;
  let hit = false;
  const off = service.onMessage((message) => {
    if (isFaultReport(message) && message.id === id && message.fault_report === 'hit') hit = true;
  });
  await tell(service, { fault_order: 'arm', id, order });
  return {
    isHit: () => hit,
    hit: async (timeoutMs) => {
      const what = `${service.name} to come to ${order.point}`;
      await until(what, timeoutMs, () => hit || service.ended).finally(off);
      if (order.how === 'SIGKILL') await service.exit();
      return hit;
    },
    disarm: () => {
      off();
      service.tell({ fault_order: 'disarm', id } satisfies FaultOrder);
    },
  };
}

const HARM_TIMEOUT_MS = 120_000;

/** Arms the present process, and the next when it ends before; resolves with the one that was hit. */
export async function harm(
  present: () => ServiceProcess,
  order: PointOrder,
  onArmed: () => void = () => undefined,
): Promise<ServiceProcess> {
  for (const deadline = performance.now() + HARM_TIMEOUT_MS; ;) {
    const service = present();
    const armed = await armPoint(service, order);
    onArmed();
    const left = Math.max(0, deadline - performance.now());
    try {
      if (await armed.hit(left)) return service;
    } catch (error) {
      armed.disarm();
      throw error;
    }
    await until(`another ${service.name}`, left, () => present() !== service);
  }
}

/** `Date` in that process is so much ahead, or, below 0, behind; 0 puts it right. */
export async function shiftClockOf(service: Preloaded, shiftMs: number): Promise<void> {
  lastId += 1;
  await tell(service, { fault_order: 'shift-clock', id: lastId, shiftMs });
}

async function tell(service: Preloaded, order: FaultOrder): Promise<void> {
  let done = false;
  const off = service.onMessage((message) => {
    if (isFaultReport(message) && message.id === order.id) done = true;
  });
  service.tell(order);
  await until(`${service.name} to take an order`, TOLD_TIMEOUT_MS, () => done || service.ended).finally(off);
}
