/** What is made from Postgres and can be made again. */
export const PROJECTIONS = ['index', 'cache', 'graph'] as const;
export type Projection = (typeof PROJECTIONS)[number];
