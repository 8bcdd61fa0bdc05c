/** Sizes that a memory may have. All are settings; these are the defaults the documentation names. */
export interface Limits {
  /** Bytes of the payload as JSON text, UTF-8. */
  payload_bytes: number;
  /** Bytes of the text, UTF-8. */
  text_bytes: number;
  /** Nesting of the payload, as `jsonDepth` counts it. */
  json_depth: number;
  tags: number;
  /** UTF-16 code units of one tag. */
  tag_length: number;
  /** UTF-16 code units of user_id, agent_id, thread_id, actor, link type. */
  attribute_length: number;
}

export const DEFAULT_LIMITS: Limits = {
  payload_bytes: 256 * 1024,
  text_bytes: 256 * 1024,
  json_depth: 32,
  tags: 64,
  tag_length: 64,
  attribute_length: 128,
};
