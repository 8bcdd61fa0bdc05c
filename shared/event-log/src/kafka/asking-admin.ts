import type { Admin, Kafka } from 'kafkajs';
import { isUnanswered, unavailable } from './unavailable.js';

/**
 * kafkajs's admin, connected when it is first asked. It keeps a connection whose requests find no answer, and one that
 * is dead without saying so would serve every later request as badly: such an admin is replaced by a new one.
 */
export class AskingAdmin {
  readonly #kafka: Kafka;
  #current: { admin: Admin; connected: Promise<void> } | undefined;

  constructor(kafka: Kafka) {
    this.#kafka = kafka;
  }

  /** @throws SomaError event_log_unavailable */
  async ask<T>(question: (admin: Admin) => Promise<T>): Promise<T> {
    const asked = (this.#current ??= this.#connect());
    try {
      await asked.connected;
      return await question(asked.admin);
    } catch (error) {
      if (this.#current === asked && (isUnanswered(error) || !(await isConnected(asked)))) {
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
    const admin = this.#kafka.admin({ retry: { retries: 2 } });
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
