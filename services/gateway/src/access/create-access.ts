import type { AuditLog, Tokens } from '@soma/access';
import { measured } from '@soma/service';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { ApiToken } from './api-token.js';
import { Audit } from './audit.js';
import { createAuthenticator, type Authenticator } from './authenticate.js';
import { openJwtScheme } from './jwt-scheme.js';
import type { AccessSettings } from './settings.js';
import { TokenTable } from './token-table.js';

export interface AccessDeps {
  settings: AccessSettings;
  /** Where the token of SOMA_API_TOKEN came from, if it was a file. */
  tokenFile?: string | undefined;
  tokens: Tokens;
  audit: AuditLog;
  logger: Logger;
  registry: Registry;
}

export interface Access {
  authenticator: Authenticator;
  tokenTable: TokenTable;
  audit: Audit;
  start(): void;
  stop(): Promise<void>;
}

/** Who may, and what operators did. @throws SomaError invalid_configuration */
export function createAccess(deps: AccessDeps): Access {
  const { settings, tokens, logger, registry } = deps;
  const apiToken = new ApiToken({ token: settings.SOMA_API_TOKEN, file: deps.tokenFile, logger });
  const tokenTable = new TokenTable({
    tokens,
    // Beside each secret may stand the one that it replaced.
    most: 2 * settings.SOMA_MAX_TOKENS,
    maxAgeMs: settings.SOMA_TOKEN_MAX_AGE * 1000,
    logger,
  });
  const jwts = openJwtScheme(settings, logger);
  measureAccess(registry, apiToken, tokenTable);
  const kept = [apiToken, tokenTable, ...(jwts === undefined ? [] : [jwts])];
  return {
    authenticator: createAuthenticator(kept),
    tokenTable,
    audit: new Audit(deps),
    start: () => {
      for (const scheme of kept) scheme.start();
    },
    stop: async () => {
      await Promise.all(kept.map((scheme) => scheme.stop()));
    },
  };
}

function measureAccess(registry: Registry, apiToken: ApiToken, table: TokenTable): void {
  const measures: [name: string, help: string, read: () => number][] = [
    [
      'token_file_stale',
      '1 while the file of the API token is gone or holds none.',
      () => Number(apiToken.stale),
    ],
    ['tokens', 'Secrets of tokens that are known.', () => table.size],
    ['token_age_seconds', 'Since the known tokens were known to be so.', () => table.ageSeconds],
  ];
  for (const [name, help, read] of measures) measured(registry, { name: `soma_gateway_${name}`, help }, read);
}
