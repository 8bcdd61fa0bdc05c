import type { AddressInfo } from 'node:net';
import { parseArgs } from 'node:util';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { SomaClient } from '@somafractalmemory/client';
import { serveHttp } from './http.js';
import { createServer } from './server.js';
import { BadSettings, settingsFrom } from './settings.js';

const HELP = `soma-mcp: memories of a SomaFractalMemory service as an MCP server

  soma-mcp                              over stdin and stdout, as agents start it
  soma-mcp --http [--port 40027] [--host 127.0.0.1]    streamable HTTP at /mcp

  SOMA_URL                    where the service is; http://127.0.0.1:40020 unless told otherwise
  SOMA_API_TOKEN, SOMA_API_TOKEN_FILE   its token
  SOMA_NAMESPACE              the token's own unless told otherwise
  SOMA_USER_ID, SOMA_AGENT_ID, SOMA_THREAD_ID   whose memories, unless a call says otherwise
  SOMA_MCP_TOKEN              with --http: the bearer token that callers have to send`;

/** Nothing but the protocol goes to stdout. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      http: { type: 'boolean', default: false },
      port: { type: 'string', default: '40027' },
      host: { type: 'string', default: '127.0.0.1' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    console.error(HELP);
    return;
  }
  const { url, token, namespace, scope } = settingsFrom(process.env);
  const memories = new SomaClient({ url, token, namespace }).session();
  const toolbox = { memories, scope, url };
  if (!values.http) {
    await createServer(toolbox).connect(new StdioServerTransport());
    return;
  }
  const server = await serveHttp({
    host: values.host,
    port: Number(values.port),
    token: process.env['SOMA_MCP_TOKEN'],
    create: () => createServer(toolbox),
  });
  const { address, port } = server.address() as AddressInfo;
  console.error(
    `MCP at http://${address.includes(':') ? `[${address}]` : address}:${port}/mcp, memories from ${url}`,
  );
  process.once('SIGTERM', () => server.close());
  process.once('SIGINT', () => server.close());
}

try {
  await main();
} catch (error) {
  const isUsage =
    error instanceof BadSettings || (error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS');
  console.error(`soma-mcp: ${(error as Error).message}${isUsage === true ? ' (soma-mcp --help)' : ''}`);
  process.exitCode = isUsage === true ? 2 : 1;
}
