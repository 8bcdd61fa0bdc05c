import type { RetentionPolicy } from '../retention-policies.js';
import { liveCondition } from './memory-row.js';

export interface Statement {
  text: string;
  values: unknown[];
}

/** What is past its time or below its score, the first to go first; undefined when the policy asks for neither. */
export function outlivedStatement(
  namespace: string,
  policy: RetentionPolicy,
  limit: number,
): Statement | undefined {
  const values: unknown[] = [namespace, limit];
  const score = scoreOf(policy, namedIn(values));
  const over = overOf(policy, score, namedIn(values));
  if (over.length === 0) return undefined;
  const text = `
    select ${TARGET}, ${reasonOf(over)} as reason
    ${fromLive(policy)} and (${over.map(({ condition }) => condition).join(' or ')})
    order by ${orderOf(score)}
    limit $2`;
  return { text, values };
}

/** What is beyond the greatest number, when nothing else is left to go. */
export function surplusStatement(
  namespace: string,
  policy: RetentionPolicy & { max_memories: number },
  limit: number,
): Statement {
  const values: unknown[] = [namespace, limit, policy.max_memories];
  const score = scoreOf(policy, namedIn(values));
  const text = `
    select ${TARGET}, 'max_memories' as reason
    ${fromLive(policy)}
    order by ${orderOf(score)}
    limit least($2::bigint, greatest(0, (
      select count(*) from memories where namespace = $1 and ${liveCondition('memories')}) - $3::bigint))`;
  return { text, values };
}

/** One row: how many live, and of each reason how many would go and the first coords of them. */
export function previewStatement(namespace: string, policy: RetentionPolicy, coords: number): Statement {
  const values: unknown[] = [namespace, coords, policy.max_memories];
  const score = scoreOf(policy, namedIn(values));
  const over = overOf(policy, score, namedIn(values));
  const text = `
    with judged as (
      select memories.coord, ${over.length === 0 ? 'null' : reasonOf(over)} as reason,
        row_number() over (order by ${orderOf(score)}) as place
      ${fromLive(policy)}
    ), ranked as (
      select coord, reason, place, row_number() over (partition by reason order by place) as nth,
        count(*) over (partition by reason) as of_reason
      from judged
    ), gone as (
      select coord, place, coalesce(reason, 'max_memories') as reason, nth
      from ranked
      where reason is not null or nth <= of_reason - $3::bigint
    )
    select (select count(*) from judged) as live, reason, count(*) as would_delete,
      coalesce(array_agg(coord order by place) filter (where nth <= $2), '{}') as coords
    from (select null) as always left join gone on true
    group by reason`;
  return { text, values };
}

const TARGET = 'memories.key, memories.coord, memories.version, memories.revision';

interface Over {
  reason: 'ttl' | 'decay';
  condition: string;
}

/** Appends a number and gives its placeholder: every one that is appended has to stand in the statement. */
type Named = (value: number) => string;

const namedIn =
  (values: unknown[]): Named =>
  (value) =>
    `$${values.push(value)}::float8`;

function overOf({ ttl_seconds, decay }: RetentionPolicy, score: string | null, named: Named): Over[] {
  const over: Over[] = [];
  if (ttl_seconds !== null) {
    const since = `now() - ${named(ttl_seconds)} * interval '1 second'`;
    over.push({ reason: 'ttl', condition: `memories.updated_at < ${since}` });
  }
  if (decay !== null && score !== null) {
    over.push({ reason: 'decay', condition: `${score} < ${named(decay.min_score)}` });
  }
  return over;
}

/** 2^-1000 is still a number: beyond it power() would fail for being too small. */
const MOST_HALVINGS = 1000;

/** Null without decay. */
function scoreOf({ decay }: RetentionPolicy, named: Named): string | null {
  if (decay === null) return null;
  const { accesses } = decay;
  const halfLife = named(decay.half_life_seconds);
  const since = accesses ? 'greatest(memories.updated_at, counted.accessed_at)' : 'memories.updated_at';
  const life = accesses ? `${halfLife} * (1 + log(2, 1 + coalesce(counted.accesses, 0))::float8)` : halfLife;
  const halvings = `extract(epoch from now() - ${since})::float8 / (${life})`;
  return `(memories.importance * power(0.5, greatest(0, least(${MOST_HALVINGS}, ${halvings}))))`;
}

function fromLive({ decay }: RetentionPolicy): string {
  const counted = `
    left join memory_accesses as counted
      on counted.namespace = memories.namespace and counted.key = memories.key
        and counted.created_at = memories.created_at`;
  return `
    from memories ${decay?.accesses === true ? counted : ''}
    where memories.namespace = $1 and ${liveCondition('memories')}`;
}

function reasonOf(over: readonly Over[]): string {
  const cases = over.map(({ reason, condition }) => `when ${condition} then '${reason}'`);
  return `case ${cases.join(' ')} end`;
}

/** As the index of updates is ordered, so that without decay nothing has to be sorted. */
function orderOf(score: string | null): string {
  const written = 'memories.updated_at, memories.key collate "C"';
  return score === null ? written : `${score}, ${written}`;
}
