/** Partition → position. */
export type Positions = Record<number, number>;

/** Moves one partition to `position` unless it is further already. */
export function raise(positions: Positions, partition: number, position: number): void {
  positions[partition] = Math.max(position, positions[partition] ?? -1);
}

/** The larger position of each partition. */
export function furthest(a: Positions, b: Positions): Positions {
  const merged = { ...a };
  for (const [partition, position] of Object.entries(b)) raise(merged, Number(partition), position);
  return merged;
}
