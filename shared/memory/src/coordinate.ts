/**
 * A coordinate is the caller's name for a memory. Two spellings of one coordinate share a canonical key:
 * `42.0,17.0` and `42,17` are one memory; names are their own canonical key.
 */
export type Coordinate =
  | { kind: 'numeric'; coord: string; key: string; components: string[] }
  | { kind: 'name'; coord: string; key: string };

export const RESERVED_COORDS: ReadonlySet<string> = new Set([
  'batch',
  'count',
  'delete',
  'get',
  'messages',
  'range',
  'search',
]);

const MAX_COORD_LENGTH = 1000;
const MAX_COMPONENTS = 64;
const MAX_SIGNIFICANT_DIGITS = 15;
const COMPONENT = /^(-?)(0|[1-9][0-9]*)(?:\.([0-9]+))?$/;
const NAME = /^[A-Za-z0-9_:~@+-][A-Za-z0-9._:~@+-]{0,199}$/;

/** @returns undefined when the text is neither a numeric coordinate nor a name. */
export function parseCoordinate(coord: string): Coordinate | undefined {
  if (coord.length === 0 || coord.length > MAX_COORD_LENGTH) return undefined;
  const parts = coord.split(',');
  const components: string[] = [];
  for (const part of parts) {
    const canonical = canonicalComponent(part);
    if (canonical === undefined) return parts.length === 1 ? parseName(coord) : undefined;
    components.push(canonical);
  }
  if (components.length > MAX_COMPONENTS) return undefined;
  return { kind: 'numeric', coord, key: components.join(','), components };
}

function parseName(coord: string): Coordinate | undefined {
  if (!NAME.test(coord) || RESERVED_COORDS.has(coord)) return undefined;
  return { kind: 'name', coord, key: coord };
}

function canonicalComponent(text: string): string | undefined {
  const match = COMPONENT.exec(text);
  if (match === null) return undefined;
  const [, sign = '', whole = '0', fraction = ''] = match;
  const decimals = fraction.replace(/0+$/, '');
  const significant = `${whole}${decimals}`.replace(/^0+/, '').length;
  if (significant > MAX_SIGNIFICANT_DIGITS) return undefined;
  if (significant === 0) return '0';
  return decimals === '' ? `${sign}${whole}` : `${sign}${whole}.${decimals}`;
}

/** Of two canonical components: negative when the first is the smaller number. Exact, however long they are. */
export function compareComponents(a: string, b: string): number {
  const scale = Math.max(decimalsOf(a), decimalsOf(b));
  const difference = scaled(a, scale) - scaled(b, scale);
  return difference < 0n ? -1 : Number(difference > 0n);
}

function decimalsOf(component: string): number {
  return component.split('.')[1]?.length ?? 0;
}

function scaled(component: string, scale: number): bigint {
  const [whole = '', decimals = ''] = component.split('.');
  return BigInt(whole + decimals.padEnd(scale, '0'));
}

/** The numbers of a canonical key, or null when it is a name. */
export function coordinateNumbers(key: string): number[] | null {
  const coordinate = parseCoordinate(key);
  return coordinate?.kind === 'numeric' ? coordinate.components.map(Number) : null;
}
