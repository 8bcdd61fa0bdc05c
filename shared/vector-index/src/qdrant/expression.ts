import type { Schemas } from '@qdrant/js-client-rest';

export type Condition = Schemas['Condition'];
/** A condition of Qdrant, or what is known without asking it. */
export type Expression = boolean | Condition;

export function and(clauses: Expression[]): Expression {
  if (clauses.includes(false)) return false;
  const conditions = clauses.filter((clause) => typeof clause !== 'boolean');
  const [only] = conditions;
  if (only === undefined) return true;
  return conditions.length === 1 ? only : { must: conditions };
}

/** Qdrant takes an empty `should` for true; an empty disjunction is false, and never gets there. */
export function or(clauses: Expression[]): Expression {
  if (clauses.includes(true)) return true;
  const conditions = clauses.filter((clause) => typeof clause !== 'boolean');
  const [only] = conditions;
  if (only === undefined) return false;
  return conditions.length === 1 ? only : { should: conditions };
}

export function not(clause: Expression): Expression {
  return typeof clause === 'boolean' ? !clause : { must_not: [clause] };
}
