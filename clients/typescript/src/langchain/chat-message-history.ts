import { BaseListChatMessageHistory } from '@langchain/core/chat_history';
import {
  mapChatMessagesToStoredMessages,
  mapStoredMessagesToChatMessages,
  type BaseMessage,
  type StoredMessage,
} from '@langchain/core/messages';
import type { SomaClient, SomaSession } from '../client.js';
import { throwRejected } from '../rejected.js';
import type { ListRequest, NewMemory } from '../types.js';

export interface SomaChatMessageHistoryInput {
  client: SomaClient;
  /** The conversation; memories of it have this thread_id. */
  thread_id: string;
  user_id?: string;
  agent_id?: string;
}

/** What the service takes in one batch, and gives in one page. */
const MOST_AT_ONCE = 500;
/** Only messages have it: other memories of the thread are none. */
const MESSAGE_FIELD = 'langchain.type';

/** The messages of one thread, in the order of their times; searches find them like any memory. */
export class SomaChatMessageHistory extends BaseListChatMessageHistory {
  override lc_namespace = ['somafractalmemory', 'chat_history'];
  readonly #session: SomaSession;
  readonly #scope: Omit<SomaChatMessageHistoryInput, 'client'>;
  #count = 0;

  static override lc_name(): string {
    return 'SomaChatMessageHistory';
  }

  constructor({ client, ...scope }: SomaChatMessageHistoryInput) {
    super();
    this.#session = client.session();
    this.#scope = scope;
  }

  override async getMessages(): Promise<BaseMessage[]> {
    const stored: StoredMessage[] = [];
    for await (const { payload } of this.#session.list(this.#mine(), { pageSize: MOST_AT_ONCE })) {
      stored.push((payload as { langchain: StoredMessage }).langchain);
    }
    return mapStoredMessagesToChatMessages(stored);
  }

  override addMessage(message: BaseMessage): Promise<void> {
    return this.addMessages([message]);
  }

  override async addMessages(messages: BaseMessage[]): Promise<void> {
    const now = Date.now();
    const memories = mapChatMessagesToStoredMessages(messages).map((stored, index): NewMemory => {
      const [coord, text] = [this.#nextCoord(now), messages[index]?.text ?? ''];
      const occurred_at = new Date(now).toISOString();
      return { coord, payload: { langchain: stored }, text, actor: stored.type, occurred_at, ...this.#scope };
    });
    for (let from = 0; from < memories.length; from += MOST_AT_ONCE) {
      const chunk = memories.slice(from, from + MOST_AT_ONCE);
      throwRejected(await this.#session.batch(chunk.map((memory) => ({ op: 'put', ...memory }))));
    }
  }

  override async clear(): Promise<void> {
    const coords: string[] = [];
    for await (const { coord } of this.#session.list(this.#mine(), { pageSize: MOST_AT_ONCE }))
      coords.push(coord);
    for (let from = 0; from < coords.length; from += MOST_AT_ONCE) {
      const chunk = coords.slice(from, from + MOST_AT_ONCE);
      throwRejected(await this.#session.batch(chunk.map((coord) => ({ op: 'delete', coord }))));
    }
  }

  /** Messages of one time are listed in the order of their coords. */
  #nextCoord(now: number): string {
    this.#count += 1;
    const [time, count] = [String(now).padStart(15, '0'), String(this.#count).padStart(6, '0')];
    const random = crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
    return `message:${time}.${count}.${random.toString(36)}`;
  }

  #mine(): ListRequest {
    const { thread_id } = this.#scope;
    return { thread_id, filters: { [MESSAGE_FIELD]: { $exists: true } }, order: 'occurred_at' };
  }
}
