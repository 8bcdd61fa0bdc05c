/** Of one more row than there may be: those that may stay; tells when that left one out. */
export function cutTo<Row>(most: number, rows: Row[], onCut: () => void): Row[] {
  if (rows.length <= most) return rows;
  onCut();
  return rows.slice(0, most);
}
