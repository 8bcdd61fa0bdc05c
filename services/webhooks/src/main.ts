import { closing, KNOWN_SETTINGS, openPool } from '@soma/composition';
import { createHttpReads } from '@soma/reads/http';
import { runServices } from '@soma/service';
import { createPostgresDeliveries } from '@soma/webhook-store/postgres';
import { webhooksSettings } from './config.js';
import { createWebhooks } from './webhooks.js';

/** A read of one version, beside the time that a look for changes may wait, milliseconds. */
const READ_TIMEOUT_MS = 5_000;

await runServices({
  name: 'webhooks',
  settings: webhooksSettings,
  knownSettings: KNOWN_SETTINGS,
  build: (settings, context) => {
    const pool = openPool('webhooks', settings, context);
    const reads = createHttpReads({
      url: settings.SOMA_QUERY_URL,
      token: settings.SOMA_INTERNAL_TOKEN,
      timeoutMs: READ_TIMEOUT_MS,
    });
    const webhooks = createWebhooks({
      ...context,
      deliveries: createPostgresDeliveries({ pool }),
      reads,
      settings,
    });
    return [closing('connections', () => pool.end()), webhooks];
  },
});
