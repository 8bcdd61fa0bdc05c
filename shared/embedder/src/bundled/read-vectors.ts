import { createReadStream } from 'node:fs';
import { UnusableModel } from '../local/protocol.js';

export interface WordVectors {
  /** Row of a word, by how often it is used: 0 is the most frequent. */
  rows: Map<string, number>;
  /** DIMENSION numbers a row. */
  values: Float32Array;
}

export const DIMENSION = 100;

/** Where a word's numbers have its rank; an object's keys cannot tell, as those like `2008` come first. */
const RANK = DIMENSION + 1;
const BEGINS = '"vectors":{';

/**
 * The first `count` words of wink's file of GloVe vectors: one JSON object of 300 MB whose key `vectors` maps words
 * to numbers, most frequent word first. Read in pieces and only as far as needed, for the whole would take gigabytes.
 */
export async function readWordVectors(file: string, count: number): Promise<WordVectors> {
  const rows = new Map<string, number>();
  const values = new Float32Array(count * DIMENSION);
  let rest = '';
  let begun = false;
  for await (const piece of createReadStream(file, { encoding: 'utf8', highWaterMark: 1 << 20 })) {
    rest += piece as string;
    if (!begun) {
      const at = rest.indexOf(BEGINS);
      if (at === -1) {
        rest = rest.slice(-BEGINS.length);
        continue;
      }
      begun = true;
      rest = rest.slice(at + BEGINS.length);
    }
    const end = rest.lastIndexOf(']') + 1;
    for (const [word, numbers] of entriesOf(rest.slice(0, end))) {
      const row = numbers[RANK] ?? count;
      if (row >= count) continue;
      values.set(numbers.slice(0, DIMENSION), row * DIMENSION);
      rows.set(word, row);
    }
    if (rows.size === count) return { rows, values };
    rest = rest.slice(end);
  }
  throw new UnusableModel(`${file} has ${rows.size} word vectors where ${count} are expected`);
}

/** Of `,"word":[…],"other":[…]`. */
function entriesOf(text: string): [string, number[]][] {
  return Object.entries(JSON.parse(`{${text.replace(/^,/, '')}}`) as Record<string, number[]>);
}
