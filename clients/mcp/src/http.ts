import { createHash, timingSafeEqual } from 'node:crypto';
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { BadSettings } from './settings.js';

export interface HttpOptions {
  host: string;
  port: number;
  /** What callers have to send as bearer token; undefined: none, and then only from this machine. */
  token: string | undefined;
  /** A server for each request: it keeps nothing between them. */
  create: () => McpServer;
}

const MOST_BODY_BYTES = 1024 * 1024;
const MOST_UNDER_WAY = 64;
const LOOPBACK = /^(127\.\d+\.\d+\.\d+|localhost|::1|\[::1\])$/;

/** Streamable HTTP at /mcp, without sessions. @throws BadSettings when it would be open to others */
export async function serveHttp(options: HttpOptions): Promise<Server> {
  const { host, port, token } = options;
  if (!LOOPBACK.test(host) && token === undefined) {
    throw new BadSettings(`to listen at ${host}, SOMA_MCP_TOKEN has to say which bearer token callers send`);
  }
  let underWay = 0;
  const server = createHttpServer((request, response) => {
    const refusal = refusalOf(request, options, underWay);
    if (refusal !== undefined) {
      refuse(response, ...refusal);
      return;
    }
    underWay += 1;
    response.once('close', () => (underWay -= 1));
    void answer(request, response, options).catch(() => {
      if (!response.headersSent) refuse(response, 500, 'it failed here');
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return server;
}

function refusalOf(
  { url, method, headers }: IncomingMessage,
  { host, token }: HttpOptions,
  underWay: number,
): [status: number, message: string] | undefined {
  if (url?.split('?')[0] !== '/mcp') return [404, 'the MCP endpoint is /mcp'];
  // A page of another origin could reach a server on this machine through its visitor's browser (DNS rebinding).
  if (LOOPBACK.test(host) && !(isLocal(`http://${headers.host ?? ''}`) && isLocal(headers.origin)))
    return [403, 'Host and Origin have to be of this machine'];
  if (token !== undefined && !isToken(headers.authorization, token)) return [401, 'a bearer token is needed'];
  if (method !== 'POST') return [405, 'there are no sessions; POST alone'];
  return underWay >= MOST_UNDER_WAY ? [503, 'too many requests are under way'] : undefined;
}

function isLocal(url: string | undefined): boolean {
  if (url === undefined) return true;
  return URL.canParse(url) && LOOPBACK.test(new URL(url).hostname);
}

function isToken(authorization: string | undefined, token: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(authorization ?? ''), digest(`Bearer ${token}`));
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { create }: HttpOptions,
): Promise<void> {
  const body = await bodyOf(request);
  if (body === undefined) {
    refuse(response, 413, 'the body is too large');
    return;
  }
  const server = create();
  const transport = new StreamableHTTPServerTransport();
  response.once('close', () => {
    void transport.close();
    void server.close();
  });
  await server.connect(transport);
  await transport.handleRequest(request, response, parsed(body));
}

async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MOST_BODY_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Undefined for what is no JSON: the transport then tells so. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function refuse(response: ServerResponse, status: number, message: string): void {
  const error = { jsonrpc: '2.0', error: { code: -32_000, message }, id: null };
  response.writeHead(status, {
    'Content-Type': 'application/json',
    Connection: 'close',
    ...(status === 401 ? { 'WWW-Authenticate': 'Bearer' } : {}),
    ...(status === 405 ? { Allow: 'POST' } : {}),
  });
  response.end(JSON.stringify(error));
}
