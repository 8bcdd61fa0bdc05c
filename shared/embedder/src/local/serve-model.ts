import { parentPort, workerData } from 'node:worker_threads';
import { UnusableModel, type FromThread, type LocalModel, type ToThread } from './protocol.js';

const PROBE = 'a plain sentence to warm up with';

/** The whole program of a model's thread: loads, warms up, then one batch after another until it is told to close. */
export async function serveModel(load: (config: unknown) => Promise<LocalModel>): Promise<void> {
  const port = parentPort;
  if (port === null) throw new Error('serves a model in a worker thread only');
  const say = (message: FromThread, transfer: ArrayBuffer[] = []) => {
    port.postMessage(message, transfer);
  };
  let model: LocalModel;
  try {
    model = await load(workerData);
    // The first run compiles and allocates; no caller should wait for that.
    await model.embed([PROBE]);
  } catch (error) {
    say({ type: 'unusable', message: messageOf(error), settings: error instanceof UnusableModel });
    port.close();
    return;
  }
  port.on('message', (message: ToThread) => {
    if (message.type === 'close') {
      port.close();
      void model.close();
      return;
    }
    model.embed(message.texts).then(
      (vectors) => {
        say({ type: 'vectors', vectors, dimension: model.dimension }, [vectors.buffer as ArrayBuffer]);
      },
      (error: unknown) => {
        say({ type: 'failed', message: messageOf(error) });
      },
    );
  });
  say({ type: 'ready', dimension: model.dimension });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
