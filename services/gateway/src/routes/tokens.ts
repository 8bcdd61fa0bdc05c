import type { Token } from '@soma/access';
import { formatOptionalTime, formatTime, isUuid } from '@soma/memory';
import { v7 } from 'uuid';
import { digestOf } from '../access/digest.js';
import { newSecret } from '../access/new-secret.js';
import { RequestRefused } from '../refusal.js';
import { adminRoute, type Answer, type Route } from '../route.js';
import { noQuery } from '../schemas/reads.js';
import {
  newSecretAnswer,
  newTokenBody,
  rotateBody,
  tokenAnswer,
  tokensAnswer,
  tokensQuery,
  type NewTokenBody,
} from '../schemas/tokens.js';
import { cursorAfter, idOfCursor, pageOf } from './page-cursor.js';
import { JSON_ONLY, type AdminRouteDeps } from './route-deps.js';

const NO_STORE = { 'Cache-Control': 'no-store' };
const UUID_FORM = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Tokens beside that of SOMA_API_TOKEN. */
export function tokenRoutes(deps: AdminRouteDeps): Route[] {
  return [createToken(deps), listTokens(deps), getToken(deps), rotateToken(deps), revokeToken(deps)];
}

function createToken({ tokens, tokenTable, settings }: AdminRouteDeps): Route {
  return adminRoute({
    method: 'post',
    path: '/admin/tokens',
    operationId: 'createToken',
    summary: 'Make a token; its secret is shown in this answer only',
    query: noQuery,
    body: { schema: newTokenBody, media_types: JSON_ONLY },
    answers: { 201: { description: 'The token and its secret', schema: newSecretAnswer } },
    errors: ['quota_exceeded', 'unsupported_media_type'],
    handle: async ({ body, caller }) => {
      const secret = newSecret();
      const digest = digestOf(secret);
      const asked = { ...grantOf(body), token_id: v7(), digest, by: caller.subject };
      const token = await tokens.create(asked, settings.SOMA_MAX_TOKENS);
      if (token === undefined) {
        throw new RequestRefused(
          'quota_exceeded',
          `there are ${settings.SOMA_MAX_TOKENS} tokens, and no more may be`,
        );
      }
      await tokenTable.refresh();
      return withSecret(201, token, secret);
    },
  });
}

function grantOf({ namespaces, user_id, expires_at, ttl_seconds, rates, description, role }: NewTokenBody) {
  const ends = ttl_seconds === undefined ? (expires_at ?? null) : Date.now() + ttl_seconds * 1000;
  const given = Object.entries(rates).filter(([, quota]) => quota !== undefined);
  return {
    description,
    role,
    namespaces: namespaces.includes('*') ? null : [...new Set(namespaces)],
    user_id: user_id ?? null,
    rates: Object.fromEntries(given),
    expires_at: ends,
  };
}

function listTokens({ tokens }: AdminRouteDeps): Route {
  return adminRoute({
    method: 'get',
    path: '/admin/tokens',
    operationId: 'listTokens',
    summary: 'The tokens, newest first; never their secrets',
    query: tokensQuery,
    answers: { 200: { description: 'One page', schema: tokensAnswer } },
    errors: ['invalid_cursor'],
    handle: async ({ query: { ended, limit, cursor } }) => {
      const before = idOfCursor(cursor, [ended], UUID_FORM);
      const found = await tokens.list({ before, limit: limit + 1, ended });
      const { page, next_cursor } = pageOf(found, limit, ({ token_id }) => cursorAfter(token_id, [ended]));
      return { status: 200, body: { tokens: page.map(presentToken), next_cursor } };
    },
  });
}

function getToken({ tokens }: AdminRouteDeps): Route {
  return adminRoute({
    method: 'get',
    path: '/admin/tokens/{id}',
    operationId: 'getToken',
    summary: 'A token; never its secret',
    query: noQuery,
    answers: { 200: { description: 'The token', schema: tokenAnswer } },
    errors: ['token_not_found'],
    handle: async ({ params }) => ({
      status: 200,
      body: { token: presentToken(found(await tokens.get(idIn(params)))) },
    }),
  });
}

function rotateToken({ tokens, tokenTable }: AdminRouteDeps): Route {
  return adminRoute({
    method: 'post',
    path: '/admin/tokens/{id}/rotate',
    operationId: 'rotateToken',
    summary: 'Give a token another secret; the former one opens until the overlap is over',
    query: noQuery,
    body: { schema: rotateBody, media_types: JSON_ONLY },
    answers: { 200: { description: 'The token and its new secret', schema: newSecretAnswer } },
    errors: ['token_not_found', 'unsupported_media_type'],
    handle: async ({ params, body }) => {
      const secret = newSecret();
      const overlap_ms = body.overlap_seconds * 1000;
      const token = await tokens.rotate({ token_id: idIn(params), digest: digestOf(secret), overlap_ms });
      await tokenTable.refresh();
      return withSecret(200, found(token), secret);
    },
  });
}

function revokeToken({ tokens, tokenTable }: AdminRouteDeps): Route {
  return adminRoute({
    method: 'post',
    path: '/admin/tokens/{id}/revoke',
    operationId: 'revokeToken',
    summary: 'End a token now: its secrets open nothing more; one that is revoked stays as it was',
    query: noQuery,
    answers: { 200: { description: 'The token', schema: tokenAnswer } },
    errors: ['token_not_found'],
    handle: async ({ params, caller }) => {
      const token = await tokens.revoke({ token_id: idIn(params), by: caller.subject });
      await tokenTable.refresh();
      return { status: 200, body: { token: presentToken(found(token)) } };
    },
  });
}

/** @throws RequestRefused token_not_found */
function idIn({ id }: Readonly<Record<string, string>>): string {
  if (id === undefined || !isUuid(id)) throw notFound();
  return id.toLowerCase();
}

function found(token: Token | undefined): Token {
  if (token === undefined) throw notFound();
  return token;
}

function notFound(): RequestRefused {
  return new RequestRefused('token_not_found', 'no token has this id, or it has ended');
}

function withSecret(status: number, token: Token, secret: string): Answer {
  return {
    status,
    headers: { ...NO_STORE, Location: `/admin/tokens/${token.token_id}` },
    body: { token: presentToken(token), secret },
    target: token.token_id,
  };
}

function presentToken(token: Token): Record<string, unknown> {
  const { token_id, description, role, namespaces, user_id, rates, created_by, revoked_by } = token;
  return {
    token_id,
    description,
    role,
    namespaces: namespaces ?? ['*'],
    user_id,
    rates,
    expires_at: formatOptionalTime(token.expires_at),
    created_at: formatTime(token.created_at),
    created_by,
    rotated_at: formatOptionalTime(token.rotated_at),
    revoked_at: formatOptionalTime(token.revoked_at),
    revoked_by,
  };
}
