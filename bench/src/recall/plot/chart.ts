/** A drawing that stands in a column of them: its elements begin at the top left, and it is so high. */
export interface Chart {
  height: number;
  elements: string[];
}

export const WIDTH = 760;
export const GRID = '#e5e7eb';
export const QUIET = '#6b7280';
/** Told apart without colour vision too (Okabe and Ito). */
export const COLOURS = ['#56b4e9', '#0072b2', '#1f2937'] as const;
