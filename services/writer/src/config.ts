import { clusterSettings } from '@soma/composition';
import { integer, processSettings, redisSettings, setting } from '@soma/service';
import { z } from 'zod';

/** How long the writer keeps what it cleans up. */
export const retentionSettings = {
  SOMA_HISTORY_DAYS: setting(integer({ min: 1, max: 36_500 }).default(90), {
    doc: 'Days that a version of a memory stays in the history after it was replaced. Deleted memories are remembered, without content, as long, and at least 8 days.',
    example: '90',
  }),
  SOMA_HISTORY_VERSIONS: setting(integer({ min: 1, max: 1_000_000 }).default(100), {
    doc: 'Most versions of one memory in the history; older ones go, however young.',
    example: '100',
  }),
  SOMA_DEAD_LETTER_DAYS: setting(integer({ min: 8, max: 3_650 }).default(30), {
    doc: 'Days that dead letters are kept in Postgres, whatever was done with them; at least as long as their operations (8). memory.dlq keeps its copies for 30.',
    example: '30',
  }),
  SOMA_AUDIT_DAYS: setting(integer({ min: 1, max: 36_500 }).default(365), {
    doc: 'Days that what operators did is kept.',
    example: '365',
  }),
};

/** All settings of the writer. */
export const writerSettings = z.object({
  ...processSettings('writer'),
  ...clusterSettings,
  ...redisSettings,
  ...retentionSettings,
});
