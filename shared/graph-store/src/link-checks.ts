import type { Link } from '@soma/memory';

export type LinkId = Pick<Link, 'namespace' | 'from_key' | 'link_type' | 'to_key'>;

/**
 * What is wrong with a link, compared with the memories at its ends:
 *
 * - `outlived`: an end was deleted after the revision that the link recorded of it, so the link should have gone;
 * - `unfounded`: the link recorded a revision of an end where there never was a memory;
 * - `ahead`: the link recorded a newer revision than the memory has.
 */
export type LinkFaultKind = 'outlived' | 'unfounded' | 'ahead';

export interface LinkFault extends LinkId {
  fault: LinkFaultKind;
  /** Coord of the end that it is about. */
  coord: string;
  /** What the link recorded of that end. */
  recorded: number;
  /** Of the deletion, or of the memory; null of an unfounded one. */
  revision: number | null;
  /** Where the commands of the end's memory are; null of an unfounded one. */
  partition: number | null;
  /** Of both ends, as recorded when the link was looked at. */
  from_revision: number;
  to_revision: number;
}

export interface CheckedLinks {
  links: number;
  /** At most one for each end of a link. */
  faults: LinkFault[];
  /** Null when nothing follows. */
  next: LinkId | null;
}

/** Links against memories, for those who prove the graph. Each look sees one moment. */
export interface LinkChecks {
  page(page: { after: LinkId | null; limit: number; namespace: string | null }): Promise<CheckedLinks>;
  /** So many links, drawn at random. */
  sample(draw: { size: number; namespace: string | null }): Promise<CheckedLinks>;
  /** These links as they stand now. */
  of(ids: readonly LinkId[]): Promise<LinkFault[]>;
  /** Removes what should have gone, takes back what is ahead; leaves every link that was written since it was looked at. */
  mend(faults: readonly LinkFault[]): Promise<void>;
  count(namespace: string | null): Promise<number>;
}
