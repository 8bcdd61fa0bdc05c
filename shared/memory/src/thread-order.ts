/**
 * Where a memory stands among those of its thread that share its time: the numbers of its coord, padded so that they
 * sort as text (`D1:10` after `D1:9`). Empty for coords whose digits count nothing, such as UUIDs and hashes; their
 * order is that of their commands.
 */
export function threadPlace(coord: string): string {
  if (COUNTS_NOTHING.test(coord)) return '';
  const numbers = coord.match(NUMBER) ?? [];
  return numbers.slice(0, MOST_NUMBERS).map(padded).join('.');
}

const COUNTS_NOTHING = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$|[0-9a-f]{16,}/i;
const NUMBER = /\d+/g;
/** More are hardly a count, and what is sorted by has to stay short. */
const MOST_NUMBERS = 8;
const DIGITS = 15;

function padded(number: string): string {
  return number
    .replace(/^0+(?=\d)/, '')
    .padStart(DIGITS, '0')
    .slice(-DIGITS);
}
