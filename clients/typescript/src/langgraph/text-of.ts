/** Steps of a path as LangGraph writes them: `metadata.title`, `chapters[*].content`, `authors[-1].name`. */
const STEP = /\[(\*|-?\d+)\]|[^.[\]]+/g;

/**
 * What of a value is searched: the texts at these paths (`$` is the whole), with undefined all of it, with false
 * nothing.
 */
export function textOf(value: Record<string, unknown>, index: false | readonly string[] | undefined): string {
  if (index === false) return '';
  return (index ?? ['$']).flatMap((path) => textsAt(value, path === '$' ? [] : stepsOf(path))).join('\n');
}

function stepsOf(path: string): string[] {
  return Array.from(path.matchAll(STEP), ([step]) => step);
}

function textsAt(value: unknown, [step, ...rest]: readonly string[]): string[] {
  if (step === undefined) return textsIn(value);
  if (Array.isArray(value)) {
    const position = /^\[(.+)\]$/.exec(step)?.[1];
    if (position === '*') return value.flatMap((child) => textsAt(child, rest));
    return position === undefined ? [] : textsAt(value.at(Number(position)), rest);
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.hasOwn(value, step) ? textsAt((value as Record<string, unknown>)[step], rest) : [];
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value === 'number' || typeof value === 'boolean') return [String(value)];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(textsIn);
}
