import type { RateClass } from '@soma/access';
import type { Limiter, RateRule, RateVerdict } from '@soma/cache';
import { recordKey } from '@soma/events';
import type { Caller } from './access/caller.js';
import type { GatewaySettings } from './config.js';
import { RequestRefused } from './refusal.js';

/** The rules of one gateway; the bucket of a memory is named by its record key (`namespace/canonical coord`). */
export function rateRules(settings: GatewaySettings): Record<RateClass | 'public' | 'memory', RateRule> {
  const perSecond = (name: string, quota: number): RateRule => ({ name, quota, window_seconds: 1 });
  return {
    read: perSecond('read', settings.SOMA_RATE_READ),
    write: perSecond('write', settings.SOMA_RATE_WRITE),
    search: perSecond('search', settings.SOMA_RATE_SEARCH),
    admin: perSecond('admin', settings.SOMA_RATE_ADMIN),
    public: perSecond('public', settings.SOMA_RATE_PUBLIC),
    memory: perSecond('memory', settings.SOMA_RATE_MEMORY),
  };
}

/** Counts requests against their rules. */
export class RateLimits {
  readonly #limiter: Limiter;
  readonly #rules: ReturnType<typeof rateRules>;

  constructor(limiter: Limiter, settings: GatewaySettings) {
    this.#limiter = limiter;
    this.#rules = rateRules(settings);
  }

  /** Each public route has its own bucket per address, so that a scrape never starves a probe. */
  takePublic(route: string, address: string): Promise<Record<string, string>> {
    return this.#take(this.#rules.public, `${route} ${address}`);
  }

  /** An attempt to authenticate that failed; throws rate_limited instead of letting it be said how. */
  takeFailedAttempt(address: string): Promise<Record<string, string>> {
    return this.#take(this.#rules.public, `authentication ${address}`);
  }

  /** By the token's own rate, where it has one. */
  takeToken(rateClass: RateClass, { subject, rates }: Caller): Promise<Record<string, string>> {
    const rule = this.#rules[rateClass];
    return this.#take({ ...rule, quota: rates[rateClass] ?? rule.quota }, subject);
  }

  /** One point for each memory. Returns the keys that are over their rule. */
  async takeMemories(namespace: string, keys: ReadonlySet<string>): Promise<Map<string, RequestRefused>> {
    const verdicts = await Promise.all(
      [...keys].map(async (key) => {
        const verdict = await this.#limiter.consume(this.#rules.memory, recordKey(namespace, key));
        return { key, verdict };
      }),
    );
    const refused = verdicts.filter(({ verdict }) => !verdict.allowed);
    return new Map(refused.map(({ key, verdict }) => [key, refusalOf(this.#rules.memory, verdict)]));
  }

  async #take(rule: RateRule, key: string): Promise<Record<string, string>> {
    const verdict = await this.#limiter.consume(rule, key);
    if (!verdict.allowed) throw refusalOf(rule, verdict);
    return rateHeaders(rule, verdict);
  }
}

/** draft-ietf-httpapi-ratelimit-headers: the policy and what is left of it. */
function rateHeaders(rule: RateRule, verdict: RateVerdict): Record<string, string> {
  return {
    'RateLimit-Policy': `"${rule.name}";q=${rule.quota};w=${rule.window_seconds}`,
    RateLimit: `"${rule.name}";r=${verdict.remaining};t=${verdict.reset_seconds}`,
  };
}

function refusalOf(rule: RateRule, verdict: RateVerdict): RequestRefused {
  return new RequestRefused(
    'rate_limited',
    `more than ${rule.quota} in ${rule.window_seconds} s (${rule.name})`,
    {
      headers: { ...rateHeaders(rule, verdict), 'Retry-After': String(verdict.reset_seconds) },
    },
  );
}
