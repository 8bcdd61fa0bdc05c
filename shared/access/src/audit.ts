/** What an operator does, as it begins. Nothing of what was sent is in it. */
export interface NewAct {
  request_id: string;
  subject: string;
  /** The operationId of the route. */
  action: string;
  /** Where it came from, as the trusted proxies tell it. */
  address: string;
  /** Where it reaches; null: everywhere. */
  namespace: string | null;
  /** Id of what it is done to, where the path names one. */
  target: string | null;
}

/** How it ended. */
export interface ActOutcome {
  /** Of the answer. */
  status: number;
  /** Of a refusal. */
  code: string | null;
  /** Id of what was made, or done something to; null leaves what is known. */
  target: string | null;
}

/** Times are epoch milliseconds. */
export interface Act extends NewAct {
  id: number;
  at: number;
  /** Null: under way, or its process died over it. */
  status: number | null;
  code: string | null;
  finished_at: number | null;
}

export interface ActQuery {
  subject: string | null;
  action: string | null;
  /** Acts from then on; null: from the first. */
  since: number | null;
  /** Older ones than this id; null: from the newest. */
  before: number | null;
  limit: number;
}

/**
 * AuditLog: who did what, when and from where. What an implementation MUST do:
 *
 * - `begin` is durable when it resolves, so that nothing is done without a trace.
 * - Errors: store_unavailable (retryable).
 */
export interface AuditLog {
  /** @returns the id of the act */
  begin(act: NewAct): Promise<number>;
  end(id: number, outcome: ActOutcome): Promise<void>;
  /** Newest first. */
  list(query: ActQuery): Promise<Act[]>;
  /** Forgets acts that began before; returns how many. */
  removeBefore(time: number): Promise<number>;
}
