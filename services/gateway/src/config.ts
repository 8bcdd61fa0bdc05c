import { clusterSettings } from '@soma/composition';
import {
  flag,
  integer,
  internalTokenSettings,
  list,
  port,
  processSettings,
  queryUrlSettings,
  redisSettings,
  setting,
  text,
} from '@soma/service';
import { z } from 'zod';
import { accessSettings } from './access/settings.js';

const MiB = 1024 * 1024;

/** Everything the gateway can be told. Times in the names' units: `_MS` milliseconds, otherwise seconds. */
export const gatewaySettings = z.object({
  SOMA_API_HOST: setting(text().default('127.0.0.1'), {
    doc: 'Address that the API listens on. On a loopback address only loopback Host and Origin headers are taken (DNS rebinding).',
    example: '0.0.0.0',
  }),
  SOMA_API_PORT: setting(port().default(40_020), { doc: 'Port of the API.', example: '40020' }),
  ...accessSettings,
  SOMA_MAX_WEBHOOKS: setting(integer({ min: 0, max: 1_000 }).default(20), {
    doc: 'Most webhooks of a namespace.',
    example: '20',
  }),
  SOMA_ALLOWED_HOSTS: setting(list().default([]), {
    doc: 'Further names that the Host header may have when the API listens on loopback, comma-separated, without ports.',
    example: 'memory.test',
  }),
  SOMA_CORS_ORIGINS: setting(list().default([]), {
    doc: 'Origins whose pages may call the API from a browser, comma-separated. Empty: none, and no CORS headers.',
    example: 'https://app.example.com',
  }),
  SOMA_TRUSTED_PROXIES: setting(list().default([]), {
    doc: 'Addresses or CIDR ranges of proxies whose X-Forwarded-For is believed; rates per address count what they say.',
    example: '10.0.0.0/8,loopback',
  }),
  SOMA_DOCS_URL: setting(text().default('/docs'), {
    doc: 'Where error codes are documented: the type of a problem document is this, # and the code.',
    example: 'https://docs.example.com/errors',
  }),

  SOMA_RATE_READ: rate(1000, 'reads a second per token'),
  SOMA_RATE_WRITE: rate(1000, 'writes a second per token; a batch is one'),
  SOMA_RATE_SEARCH: rate(200, 'searches a second per token'),
  SOMA_RATE_ADMIN: rate(50, 'requests to /admin a second per token'),
  SOMA_RATE_PUBLIC: rate(
    50,
    'requests a second per address and public route; failed authentication has the same',
  ),
  SOMA_RATE_MEMORY: rate(100, 'writes a second to one memory; a batch counts once for each memory in it'),

  SOMA_MAX_BODY_BYTES: bytes(MiB, 16 * MiB, 'one body, after inflation'),
  SOMA_MAX_BATCH_BYTES: bytes(16 * MiB, 64 * MiB, 'the body of a batch or of messages, after inflation'),
  SOMA_MAX_BATCH_ITEMS: setting(integer({ min: 1, max: 10_000 }).default(500), {
    doc: 'Most operations of a batch, messages of a call, and coords of a POST /memories/get.',
    example: '500',
  }),
  SOMA_MAX_QUERY_BYTES: bytes(8 * 1024, 64 * 1024, 'the query of a search, UTF-8'),
  SOMA_MAX_URI_BYTES: bytes(
    32 * 1024,
    256 * 1024,
    'path and query of a request; keep it above three times SOMA_MAX_QUERY_BYTES',
  ),
  SOMA_MAX_HEADER_BYTES: bytes(64 * 1024, 1024 * 1024, 'request line and headers together'),
  SOMA_MAX_HEADERS: setting(integer({ min: 10, max: 1_000 }).default(100), {
    doc: 'Most header fields of a request.',
    example: '100',
  }),
  SOMA_MAX_CONNECTIONS: setting(integer({ min: 1, max: 1_000_000 }).default(10_000), {
    doc: 'Most open connections; further ones are closed at once.',
    example: '10000',
  }),
  SOMA_MAX_IN_FLIGHT: setting(integer({ min: 1, max: 100_000 }).default(2_000), {
    doc: 'Most requests under way; further ones get 503 overloaded. Public routes do not count.',
    example: '2000',
  }),
  SOMA_MAX_BODY_MEMORY: bytes(
    256 * MiB,
    16_384 * MiB,
    'all bodies that are held at one time; beyond it 503 overloaded',
  ),
  SOMA_MAX_ANSWER_MEMORY: bytes(
    256 * MiB,
    16_384 * MiB,
    'all memories that are held for answers at one time; beyond it 503 overloaded',
  ),
  SOMA_MAX_WAITING: setting(integer({ min: 1, max: 1_000_000 }).default(20_000), {
    doc: 'Most operations that requests wait for at one time; further writes get 503 overloaded.',
    example: '20000',
  }),
  SOMA_MAX_STREAMS: setting(integer({ min: 1, max: 100_000 }).default(1_000), {
    doc: 'Most streams of events at one time; each is also a request under way, here and in the query service.',
    example: '1000',
  }),
  SOMA_MAX_STREAMS_PER_TOKEN: setting(integer({ min: 1, max: 100_000 }).default(100), {
    doc: 'Most streams of events of one token at one time; further ones get 429 rate_limited.',
    example: '100',
  }),
  SOMA_MAX_BACKLOG: setting(integer({ min: 1, max: 10_000_000 }).default(10_000), {
    doc: 'Most memories of one namespace that may wait to be indexed; its further writes get 503 overloaded, those of others go on.',
    example: '10000',
  }),

  SOMA_HEADERS_TIMEOUT: seconds(10, 'the headers of a request may take to arrive'),
  SOMA_REQUEST_TIMEOUT: seconds(30, 'a whole request may take to arrive; then 408'),
  SOMA_KEEP_ALIVE_TIMEOUT: seconds(
    65,
    'an idle connection is kept; keep it above what a load balancer in front keeps',
  ),
  SOMA_STOP_TIMEOUT: seconds(10, 'requests under way may take to finish when the process stops'),
  SOMA_PRODUCE_TIMEOUT_MS: setting(integer({ min: 100, max: 60_000 }).default(5_000), {
    doc: 'Milliseconds that the event log may take to acknowledge; then 503 event_log_unavailable.',
    example: '5000',
  }),
  SOMA_READ_TIMEOUT_MS: setting(integer({ min: 100, max: 120_000 }).default(10_000), {
    doc: 'Milliseconds that a read or search may take beyond its wait for consistency; then 504 deadline_exceeded.',
    example: '10000',
  }),
  SOMA_WRITE_WAIT: seconds(5, 'a write waits for its outcome when Prefer does not say'),
  SOMA_READ_WAIT: seconds(2, 'a read waits for its consistency token when Prefer does not say'),
  SOMA_MAX_WAIT: seconds(30, 'the longest wait that Prefer can ask for'),
  SOMA_COMPRESSION: setting(flag().default(true), {
    doc: 'Answers above 1 KiB are sent as gzip to those who accept it.',
    example: '0',
  }),
});

export type GatewaySettings = z.output<typeof gatewaySettings>;

function rate(perSecond: number, what: string) {
  return setting(integer({ min: 1, max: 10_000_000 }).default(perSecond), {
    doc: `Most ${what}.`,
    example: String(perSecond),
  });
}

function bytes(standard: number, max: number, what: string) {
  return setting(integer({ min: 1, max }).default(standard), {
    doc: `Most bytes of ${what}.`,
    example: String(standard),
  });
}

function seconds(standard: number, what: string) {
  return setting(integer({ min: 1, max: 3_600 }).default(standard), {
    doc: `Seconds ${what}.`,
    example: String(standard),
  });
}

/** What the gateway as a process of its own needs beside. */
export const gatewayProcessSettings = z.object({
  ...processSettings('gateway'),
  ...clusterSettings,
  ...redisSettings,
  ...internalTokenSettings,
  ...gatewaySettings.shape,
  ...queryUrlSettings,
});
