import { z } from 'zod';

/** The part of OpenAI's embeddings response that is used; servers add to it and some leave `index` out. */
const responseSchema = z.object({
  data: z.array(
    z.object({
      index: z.number().int().nonnegative().optional(),
      embedding: z.union([z.string(), z.array(z.number())]),
    }),
  ),
});

/**
 * The vectors of a response in the order of the request, not yet scaled.
 * @returns a sentence about what is wrong, when it is not one finite vector per text, all equally long
 */
export function decodeVectors(body: string, texts: number): Float32Array[] | string {
  const parsed = responseSchema.safeParse(parseJson(body));
  if (!parsed.success) return 'not of the form of an embeddings response';
  const { data } = parsed.data;
  if (data.length !== texts) return `${data.length} vectors for ${texts} texts`;
  const vectors = new Array<Float32Array | undefined>(texts).fill(undefined);
  for (const [position, { index, embedding }] of data.entries()) {
    const vector = typeof embedding === 'string' ? fromBase64(embedding) : Float32Array.from(embedding);
    if (vector === undefined) return 'a vector that is not base64 of 32-bit floats';
    if (!vector.every(Number.isFinite)) return 'a vector with a component that is not finite';
    vectors[index ?? position] = vector;
  }
  const complete = vectors.filter((vector) => vector !== undefined);
  return complete.length === texts && vectors.length === texts
    ? complete
    : 'vectors whose indexes do not fit the texts';
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

const BYTES_PER_FLOAT = 4;

/** Little-endian floats, as OpenAI documents them and as the hosts that Node runs on keep them. */
function fromBase64(text: string): Float32Array | undefined {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length === 0 || bytes.length % BYTES_PER_FLOAT !== 0) return undefined;
  // A buffer of its own: floats need an aligned start.
  return new Float32Array(new Uint8Array(bytes).buffer);
}
