import { Client } from './client.js';

export interface DeadLetterEntry {
  id: number;
  status: 'open' | 'redriven' | 'discarded';
  group: string;
  topic: string;
  partition: number;
  position: number;
  code: string;
  namespace: string | null;
  coord: string | null;
  command_id: string | null;
  changed_by: string | null;
}

export interface DeadLetter extends DeadLetterEntry {
  key: string | null;
  headers: Record<string, string>;
  value_base64: string | null;
  record: Record<string, unknown> | null;
  decode_error: { code: string } | null;
  current: { version: number; newer: boolean; deleted: boolean } | null;
}

/** What an operator does with dead letters. */
export class Operator {
  readonly #client = new Client();

  list(query: Record<string, string> = {}) {
    const path = `/admin/dead-letters?${new URLSearchParams(query).toString()}`;
    return this.#client.call<{ dead_letters: DeadLetterEntry[]; next_cursor: string | null }>('GET', path);
  }

  /** Newest first, at most a page of them. */
  async letters(query: Record<string, string>): Promise<DeadLetterEntry[]> {
    return (await this.list(query)).body.dead_letters;
  }

  show(id: number | string) {
    return this.#client.call<{ dead_letter: DeadLetter }>('GET', `/admin/dead-letters/${id}`);
  }

  redrive(id: number | string, force = false) {
    const path = `/admin/dead-letters/${id}/redrive`;
    return this.#client.call<{ dead_letter: DeadLetterEntry; operation_id: string | null }>('POST', path, {
      json: { force },
    });
  }

  discard(id: number | string) {
    const path = `/admin/dead-letters/${id}/discard`;
    return this.#client.call<{ dead_letter: DeadLetterEntry }>('POST', path);
  }
}
