import type { Admin } from 'kafkajs';
import type { Client } from './client.js';
import { unavailable } from './unavailable.js';

/** kafkajs's admin, connected when it is first asked; one that could not connect is replaced by a new one. */
export class AskingAdmin {
  readonly #client: Client;
  #current: { admin: Admin; connected: Promise<void> } | undefined;

  constructor(client: Client) {
    this.#client = client;
  }

  /** @throws SomaError event_log_unavailable */
  async ask<T>(question: (admin: Admin) => Promise<T>): Promise<T> {
    const asked = (this.#current ??= this.#connect());
    try {
      await asked.connected;
      return await question(asked.admin);
    } catch (error) {
      if (this.#current === asked && !(await isConnected(asked))) {
        this.#current = undefined;
        void letGo(asked.admin);
      }
      throw unavailable(error);
    }
  }

  async close(): Promise<void> {
    const last = this.#current;
    this.#current = undefined;
    if (last !== undefined) await letGo(last.admin);
  }

  #connect(): { admin: Admin; connected: Promise<void> } {
    // The caller asks again; the retries of kafkajs would all go over the same connection.
    const { kafka, sockets } = this.#client;
    const admin = kafka.admin({ retry: { retries: 2 } });
    sockets.watch(admin);
    return { admin, connected: admin.connect() };
  }
}

function isConnected({ connected }: { connected: Promise<void> }): Promise<boolean> {
  return connected.then(
    () => true,
    () => false,
  );
}

async function letGo(admin: Admin): Promise<void> {
  await admin.disconnect().catch(() => undefined);
}
