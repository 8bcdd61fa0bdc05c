import type { JsonObject } from './json.js';

/** A directed, typed, weighted edge between two memories of one namespace; from, to and type identify it. */
export interface Link {
  namespace: string;
  from_key: string;
  to_key: string;
  /** As spelled in the command that made the link. */
  from_coord: string;
  to_coord: string;
  link_type: string;
  /** Above 0. A path costs 1/weight a link. */
  weight: number;
  properties: JsonObject;
  version: number;
  revision: number;
  created_at: number;
  updated_at: number;
}

export type LinkDirection = 'out' | 'in' | 'both';
