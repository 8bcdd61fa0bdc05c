import { gatewaySettings } from '@soma/gateway';
import { reindexSettings } from '@soma/indexer';
import { searchSettings } from '@soma/query';
import {
  choice,
  embeddedIndexSettings,
  embedderSettings,
  integer,
  LOG_FORMATS,
  port,
  processSettings,
  requireEmbedderEndpoint,
  setting,
  text,
} from '@soma/service';
import { webhookSettings } from '@soma/webhooks';
import { retentionSettings } from '@soma/writer';
import { z } from 'zod';

const { SOMA_API_TOKEN, ...gateway } = gatewaySettings.shape;

/** All settings of standalone; none has to be given. */
export const standaloneSettings = z
  .object({
    ...processSettings('standalone'),
    ...gateway,
    ...embedderSettings,
    ...embeddedIndexSettings,
    ...searchSettings,
    ...retentionSettings,
    ...reindexSettings,
    ...webhookSettings,
    SOMA_API_TOKEN: setting(SOMA_API_TOKEN.optional(), {
      doc: 'The bearer token that may do everything. Without it one is made at the first start and kept in the data folder.',
      example: '<output of: openssl rand -hex 32>',
      secret: true,
    }),
    SOMA_LOG_FORMAT: setting(choice(LOG_FORMATS).default('text'), {
      doc: 'json: one object a line, for machines. text: for people.',
      example: 'json',
    }),
    SOMA_DATA_DIR: setting(text().default('data'), {
      doc: 'Folder of everything that standalone keeps: Postgres, the token, logs. Made when missing.',
      example: '/var/lib/soma',
    }),
    SOMA_POSTGRES_PORT: setting(port().default(40021), {
      doc: 'Port of the embedded Postgres on 127.0.0.1; another free one is taken when it is in use.',
      example: '40021',
    }),
    SOMA_PARTITIONS: setting(integer({ min: 1, max: 1_024 }).default(4), {
      doc: 'Partitions of each topic. Settable before first use only.',
      example: '4',
    }),
  })
  .superRefine(requireEmbedderEndpoint);
