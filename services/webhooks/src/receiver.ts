import { lookup, type LookupAddress, type LookupOptions } from 'node:dns';
import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import type { AllowedAddresses } from './addresses.js';

export interface SentMessage {
  url: string;
  headers: Record<string, string>;
  body: string;
}

export type ReceiverAnswer =
  | { status: number; retryAfterMs: number | null }
  /** No answer: why, in a word. */
  | { failure: 'address_refused' | 'http_refused' | 'connection_failed' | 'certificate_refused' | 'timeout' };

export interface ReceiverOptions {
  addresses: AllowedAddresses;
  /** For one message, from the lookup of its address to the status of the answer, milliseconds. */
  timeoutMs: number;
}

/** What of an answer's body is read, so that the connection can serve again; a longer one is cut. */
const MOST_ANSWER_BYTES = 64 * 1024;
/** A connection that is not used for so long is closed, milliseconds. */
const IDLE_MS = 4_000;

/**
 * Sends messages to whoever asked for them. Every connection is made to an address that was looked up and allowed for
 * it: a name that leads elsewhere meanwhile leads nowhere (DNS rebinding). Redirects are answers like others.
 */
export class Receivers {
  readonly #options: ReceiverOptions;
  readonly #agents: { 'http:': http.Agent; 'https:': https.Agent };

  constructor(options: ReceiverOptions) {
    this.#options = options;
    const kept = { keepAlive: true, timeout: IDLE_MS, maxFreeSockets: 1 };
    this.#agents = { 'http:': new http.Agent(kept), 'https:': new https.Agent(kept) };
  }

  /** Never throws. */
  async post({ url, headers, body }: SentMessage): Promise<ReceiverAnswer> {
    const { protocol, hostname } = new URL(url);
    const isEncrypted = protocol === 'https:';
    const may = (address: string): boolean =>
      isEncrypted ? this.#options.addresses.allow(address) : this.#options.addresses.trust(address);
    const literal = hostname.replace(/^\[|\]$/g, '');
    const refused = { failure: isEncrypted ? 'address_refused' : 'http_refused' } as const;
    if (isIP(literal) !== 0 && !may(literal)) return refused;
    const timeout = AbortSignal.timeout(this.#options.timeoutMs);
    const options = {
      method: 'POST',
      headers: { ...headers, 'content-length': Buffer.byteLength(body) },
      lookup: lookupAllowed(may),
      signal: timeout,
    };
    const open = (): http.ClientRequest =>
      isEncrypted
        ? https.request(url, { ...options, agent: this.#agents['https:'] })
        : http.request(url, { ...options, agent: this.#agents['http:'] });
    try {
      const answer = await answerOf(open, body);
      drain(answer);
      return { status: answer.statusCode ?? 0, retryAfterMs: retryAfterMs(answer.headers['retry-after']) };
    } catch (error) {
      if (timeout.aborted) return { failure: 'timeout' };
      return error instanceof AddressRefused ? refused : { failure: failureOf(error) };
    }
  }

  close(): void {
    this.#agents['http:'].destroy();
    this.#agents['https:'].destroy();
  }
}

class AddressRefused extends Error {}

/**
 * Over a connection that was kept and that the receiver closes at this moment, a request fails through nobody's fault: it
 * is sent over another one, until that is new.
 */
async function answerOf(open: () => http.ClientRequest, body: string): Promise<IncomingMessage> {
  for (;;) {
    const request = open();
    try {
      return await answered(request, body);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (!request.reusedSocket || code !== 'ECONNRESET') throw error;
    }
  }
}

function answered(request: http.ClientRequest, body: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.once('response', resolve);
    // Stays, so that what breaks after the answer has come troubles nobody.
    request.on('error', reject);
    request.end(body);
  });
}

function drain(answer: IncomingMessage): void {
  let bytes = 0;
  answer.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > MOST_ANSWER_BYTES) answer.destroy();
  });
  answer.on('error', () => undefined);
}

/** One address that may not be called is enough: a name that leads inside as well is not to be trusted. */
function lookupAllowed(may: (address: string) => boolean): LookupFunction {
  return (hostname: string, options: LookupOptions, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found: LookupAddress[] | undefined) => {
      const addresses = found ?? [];
      const [first] = addresses;
      if (error !== null || first === undefined) callback(error ?? new Error('no address'), '');
      else if (!addresses.every(({ address }) => may(address))) callback(new AddressRefused(hostname), '');
      else if (options.all === true) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}

function failureOf(error: unknown): 'certificate_refused' | 'connection_failed' {
  const { code = '' } = error as NodeJS.ErrnoException;
  return /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ERR_TLS/.test(code) ? 'certificate_refused' : 'connection_failed';
}

/** RFC 9110, 10.2.3: seconds or a date. */
function retryAfterMs(header: string | undefined): number | null {
  if (header === undefined) return null;
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1000;
  const until = Date.parse(header) - Date.now();
  return until > 0 ? until : null;
}
