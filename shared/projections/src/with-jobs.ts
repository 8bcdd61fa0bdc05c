import type { Service } from '@soma/service';

/** A worker, and beside it the jobs that belong to it, as one service. */
export function withJobs(worker: Service, jobs: Service): Service {
  return {
    name: worker.name,
    ...(worker.optional === undefined ? {} : { optional: worker.optional }),
    start: async () => {
      await worker.start();
      await jobs.start();
    },
    stop: async () => {
      await jobs.stop();
      await worker.stop();
    },
    liveness: async () => (await worker.liveness()) && (await jobs.liveness()),
    readiness: async () => ({ ...(await worker.readiness()), ...(await jobs.readiness()) }),
  };
}
