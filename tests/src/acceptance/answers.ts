import type { JsonObject } from '@soma/memory';

/** What the API answers, as api documentation gives it. Times are RFC 3339. */
export interface WriteResult {
  coord: string;
  namespace: string;
  memory_type: string;
  ok: true;
  status: string;
  version: number;
  operation_id: string;
  deleted?: boolean;
}

export interface RejectedItem {
  coord: string;
  ok: false;
  status: 'rejected';
  error: { code: string; detail: string };
}

export interface BatchAnswer {
  results: (WriteResult | RejectedItem)[];
}

export interface MemoryAnswer {
  coord: string;
  coordinate: number[] | null;
  namespace: string;
  memory_type: string;
  payload: JsonObject;
  text: string;
  user_id: string | null;
  agent_id: string | null;
  thread_id: string | null;
  actor: string | null;
  tags: string[];
  importance: number;
  version: number;
  occurred_at: string | null;
  expires_at: string | null;
  created_at: string;
  updated_at: string;
}

export interface MemoryPage {
  memories: MemoryAnswer[];
  next_cursor: string | null;
}

export interface HistoryPage {
  versions: {
    version: number;
    at: string;
    operation_id: string;
    issuer: string;
    deleted: boolean;
    memory: MemoryAnswer | null;
  }[];
  next_cursor: string | null;
}

export interface Hit extends MemoryAnswer {
  score: number;
  similarity: number | null;
  context?: MemoryAnswer[];
  explain?: Record<string, { value: number; contribution: number }>;
}

export interface SearchAnswer {
  memories: Hit[];
  degraded: boolean;
  degraded_reasons: string[];
  took_ms: number;
}

export interface LinkAnswer {
  from_coord: string;
  to_coord: string;
  type: string;
  weight: number;
  properties: JsonObject;
}

export interface GraphAnswer {
  nodes: { coord: string }[];
  links: LinkAnswer[];
  cost?: number;
}

export interface OperationAnswer {
  operation_id: string;
  status: string;
  coord: string;
  version: number | null;
  error?: { code: string; detail: string } | null;
  accepted_at: string;
  finished_at: string | null;
}

export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: string;
  instance: string;
  errors?: { pointer?: string; parameter?: string; header?: string; detail: string }[];
}

/** What of index and embedder was out; what else ranks has deadlines of its own, which a busy machine may miss. */
export function outagesOf({ degraded_reasons }: SearchAnswer): string[] {
  return degraded_reasons.filter((reason) => /^(index|embedder)_/.test(reason));
}
