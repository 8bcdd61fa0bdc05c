import type {
  NewWebhook,
  OpenDeliveriesPage,
  OpenDelivery,
  Webhook,
  WebhookChange,
  WebhookName,
  WebhookRotation,
  Webhooks,
  WebhookState,
} from '@soma/webhook-store';

/** Webhooks in memory, which nobody tells. */
export class FakeWebhooks implements Webhooks {
  readonly #webhooks = new Map<string, WebhookState>();
  /** What did not arrive, by webhook. */
  readonly open = new Map<string, OpenDelivery[]>();

  async create({ by, ...asked }: NewWebhook, most: number): Promise<Webhook | undefined> {
    if (this.#in(asked.namespace).length >= most) return undefined;
    const { webhook_id, namespace, url, description, events, asked: narrowing, filter } = asked;
    const described = { webhook_id, namespace, url, description, events, asked: narrowing, filter };
    const webhook = { ...described, ...fresh(), created_by: by };
    this.#webhooks.set(webhook_id, webhook);
    return webhook;
  }

  async get({ namespace, webhook_id }: WebhookName): Promise<WebhookState | undefined> {
    return this.#in(namespace).find((webhook) => webhook.webhook_id === webhook_id);
  }

  async list(page: { namespace: string; after: string | null; limit: number }): Promise<WebhookState[]> {
    const { namespace, after, limit } = page;
    return this.#in(namespace)
      .filter(({ webhook_id }) => after === null || webhook_id > after)
      .slice(0, limit);
  }

  async change(name: WebhookName, change: WebhookChange): Promise<Webhook | undefined> {
    const webhook = await this.get(name);
    if (webhook === undefined) return undefined;
    const { paused = false, ...described } = change;
    const { url, description, events } = { ...webhook, ...described };
    return Object.assign(webhook, { url, description, events, stopped_because: paused ? 'paused' : null });
  }

  async rotate({ namespace, webhook_id }: WebhookRotation): Promise<Webhook | undefined> {
    return this.get({ namespace, webhook_id });
  }

  async remove(name: WebhookName): Promise<boolean> {
    return (await this.get(name)) !== undefined && this.#webhooks.delete(name.webhook_id);
  }

  async deliveries({ webhook_id, state, after, limit }: OpenDeliveriesPage): Promise<OpenDelivery[]> {
    return (this.open.get(webhook_id) ?? [])
      .filter(({ given_up_at }) => (given_up_at === null) === (state === 'waiting'))
      .filter(({ revision }) => after === null || revision > after.revision)
      .slice(0, limit);
  }

  async retry({ webhook_id }: WebhookName, operationId: string | null): Promise<number> {
    const found = (this.open.get(webhook_id) ?? []).filter(
      ({ operation_id, given_up_at }) =>
        given_up_at !== null && (operationId === null || operationId === operation_id),
    );
    for (const delivery of found) Object.assign(delivery, { given_up_at: null, next_attempt_at: Date.now() });
    return found.length;
  }

  #in(namespace: string): WebhookState[] {
    return [...this.#webhooks.values()].filter((webhook) => webhook.namespace === namespace);
  }
}

function fresh() {
  return {
    created_at: Date.now(),
    updated_at: Date.now(),
    stopped_because: null,
    delivered: 0,
    last_delivered_at: null,
    failing_since: null,
    last_failure: null,
    waiting: 0,
    given_up: 0,
  };
}
