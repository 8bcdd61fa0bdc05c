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
  SOMA_RETENTION_INTERVAL: setting(integer({ min: 1, max: 604_800 }).default(3_600), {
    doc: 'Seconds between two enforcements of the retention policy of a namespace; a policy that was just set is enforced at once. With decay each looks at all memories of the namespace.',
    example: '3600',
  }),
  SOMA_RETENTION_RATE: setting(integer({ min: 1, max: 100_000 }).default(200), {
    doc: 'Most memories that retention policies delete a second, of all namespaces together.',
    example: '200',
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

/** The same as the writer takes it. */
export function keptBy(settings: z.output<z.ZodObject<typeof retentionSettings>>) {
  return {
    dead_letter_days: settings.SOMA_DEAD_LETTER_DAYS,
    history_days: settings.SOMA_HISTORY_DAYS,
    history_versions: settings.SOMA_HISTORY_VERSIONS,
    audit_days: settings.SOMA_AUDIT_DAYS,
    retention_every_ms: settings.SOMA_RETENTION_INTERVAL * 1_000,
    retention_rate: settings.SOMA_RETENTION_RATE,
  };
}

/** All settings of the writer. */
export const writerSettings = z.object({
  ...processSettings('writer'),
  ...clusterSettings,
  ...redisSettings,
  ...retentionSettings,
});
