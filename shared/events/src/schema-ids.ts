/** The JSON of an Avro record schema. */
export interface RecordSchema {
  type: 'record';
  name: string;
  namespace?: string;
  doc?: string;
  fields: { name: string; type: RecordFieldType; default?: unknown; doc?: string }[];
}
/** A type as Avro's JSON spells it: a name, an object, or an array that is a union. */
export type RecordFieldType = string | { type: string; [attribute: string]: unknown } | RecordFieldType[];

/**
 * SchemaIds: which number on the wire stands for which schema. What an implementation MUST do:
 *
 * - an id, once given for a schema, means that schema for ever.
 * - `idOf` of an equal schema under the same subject gives the same id.
 * - what was answered once is answered again without asking anyone, so that an outage hurts unseen ids only;
 *   "unknown" is not remembered for ever, and concurrent questions for one id ask once.
 * - errors: unknown_schema when there is no such schema; schema_mismatch when the subject refuses the schema as
 *   incompatible; schema_registry_unavailable (retryable) when nobody answers, or not as a registry does.
 */
export interface SchemaIds {
  idOf(subject: string, schema: RecordSchema): Promise<number>;
  schemaOf(id: number): Promise<RecordSchema>;
}
