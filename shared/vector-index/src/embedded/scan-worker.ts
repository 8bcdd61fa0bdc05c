import { parentPort } from 'node:worker_threads';
import { pack } from './packed-candidates.js';
import { Copies } from './scanner.js';
import type { WorkerAnswer, WorkerRequest } from './worker-scanner.js';

/** The worker thread's whole program: one request after another, so that none sees another half done. */
const copies = new Copies();
parentPort?.on('message', ({ id, request }: WorkerRequest) => {
  const { live, candidates } = copies.run(request);
  const answer: WorkerAnswer = { id, live, candidates: candidates === null ? null : pack(candidates) };
  parentPort?.postMessage(answer);
});
