import { closing, KNOWN_SETTINGS, openCluster, openRedis } from '@soma/composition';
import { ProgressWatch } from '@soma/ledger';
import { createPostgresQuotas, createPostgresRetentionPolicies } from '@soma/memory-store/postgres';
import { createHttpReads } from '@soma/reads/http';
import { runServices, secretFile } from '@soma/service';
import { createPostgresWebhooks } from '@soma/webhook-store/postgres';
import { gatewayProcessSettings } from './config.js';
import { createGateway } from './gateway.js';

await runServices({
  name: 'gateway',
  settings: gatewayProcessSettings,
  knownSettings: KNOWN_SETTINGS,
  build: (settings, context) => {
    const cluster = openCluster('gateway', settings, context);
    const redis = openRedis(settings, context);
    const watch = new ProgressWatch({ ledger: cluster.ledger });
    const reads = createHttpReads({
      url: settings.SOMA_QUERY_URL,
      token: settings.SOMA_INTERNAL_TOKEN,
      timeoutMs: settings.SOMA_READ_TIMEOUT_MS,
    });
    const policies = createPostgresRetentionPolicies(cluster);
    const quotas = createPostgresQuotas(cluster);
    const tokenFile = secretFile('SOMA_API_TOKEN');
    const gateway = createGateway({
      ...context,
      ...cluster,
      ...redis,
      settings,
      quotas,
      policies,
      webhooks: createPostgresWebhooks(cluster),
      tokenFile,
      watch,
      reads,
    });
    const watching = closing('watch', () => {
      watch.close();
    });
    return [cluster.connections, redis.closing, watching, gateway];
  },
});
