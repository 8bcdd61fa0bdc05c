/** A bug planted on purpose, in a copy of the checkout. The suite must notice it. */
export interface Mutant {
  /** Kebab-case: what `--mutant` names and the table shows. */
  name: string;
  /** What is wrong with it, in one sentence. */
  bug: string;
  /** Changes of source files; each `find` must stand there exactly once, so that a mutant never becomes harmless unseen. */
  edits: readonly Edit[];
  profile: 'cluster' | 'standalone';
  /** The fault that brings the bug out; several, with commas, one after the other. */
  fault: string;
}

export interface Edit {
  /** From the root of the checkout. */
  file: string;
  find: string;
  replace: string;
}
