import type { ListNamespacesOperation, MatchCondition } from '@langchain/langgraph-checkpoint';

/** The labels that every match has at its beginning: what the service can narrow by. */
export function commonPrefix(conditions: readonly MatchCondition[]): string[] {
  const paths = conditions.filter(({ matchType }) => matchType === 'prefix').map(({ path }) => path);
  const longest = paths.map(labelsBeforeStar).sort((a, b) => b.length - a.length)[0];
  return longest ?? [];
}

function labelsBeforeStar(path: readonly string[]): string[] {
  const star = path.indexOf('*');
  return path.slice(0, star === -1 ? path.length : star);
}

/** The page of namespaces that an operation asks for, out of all paths of items. */
export function pageOf(
  namespaces: Iterable<string[]>,
  { matchConditions = [], maxDepth, limit, offset }: ListNamespacesOperation,
): string[][] {
  const found = new Map<string, string[]>();
  for (const namespace of namespaces) {
    if (!matchConditions.every((condition) => matches(namespace, condition))) continue;
    const labels = namespace.slice(0, maxDepth);
    found.set(JSON.stringify(labels), labels);
  }
  return [...found.values()].sort(byLabels).slice(offset, offset + limit);
}

function matches(namespace: readonly string[], { matchType, path }: MatchCondition): boolean {
  if (path.length > namespace.length) return false;
  const start = matchType === 'prefix' ? 0 : namespace.length - path.length;
  return path.every((label, index) => label === '*' || label === namespace[start + index]);
}

function byLabels(a: readonly string[], b: readonly string[]): number {
  const [left, right] = [a.join('\0'), b.join('\0')];
  return left < right ? -1 : Number(left > right);
}
