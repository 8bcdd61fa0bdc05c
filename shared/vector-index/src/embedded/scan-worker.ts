import { parentPort } from 'node:worker_threads';
import { Copies } from './scanner.js';
import type { WorkerAnswer, WorkerRequest } from './worker-scanner.js';

/** The worker thread's whole program: one request after another, so that none sees another half done. */
const copies = new Copies();
parentPort?.on('message', ({ id, request }: WorkerRequest) => {
  const answer: WorkerAnswer = { id, answer: copies.run(request) };
  parentPort?.postMessage(answer);
});
