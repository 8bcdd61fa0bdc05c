/** Runs of texts, in order, of at most `count` texts and `characters`; a longer text is a batch of its own. */
export function batchesOf(texts: string[], limits: { count: number; characters: number }): string[][] {
  const batches: string[][] = [];
  let batch: string[] = [];
  let characters = 0;
  for (const text of texts) {
    if (batch.length > 0 && (batch.length >= limits.count || characters + text.length > limits.characters)) {
      batches.push(batch);
      batch = [];
      characters = 0;
    }
    batch.push(text);
    characters += text.length;
  }
  if (batch.length > 0) batches.push(batch);
  return batches;
}
