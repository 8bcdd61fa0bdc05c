import { ResourceTemplate, type McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { presentMemory } from './present.js';
import type { Toolbox } from './tool.js';

/** Memories that a listing of resources names; recall and timeline find all others. */
const MOST_LISTED = 50;
const LONGEST_TITLE = 80;

/** Memories as resources: `soma://memories/{coord}`, the latest listed. */
export function addResources(server: McpServer, { memories, scope }: Toolbox): void {
  const template = new ResourceTemplate('soma://memories/{coord}', {
    list: async ({ signal }) => {
      const latest = {
        order: 'updated_at',
        direction: 'desc',
        user_id: scope.user_id,
        limit: MOST_LISTED,
      } as const;
      const page = await memories.listPage(latest, { signal });
      return {
        resources: page.memories.map(({ coord, text }) => ({
          uri: `soma://memories/${encodeURIComponent(coord)}`,
          name: coord,
          description: text.slice(0, LONGEST_TITLE),
          mimeType: 'application/json',
        })),
      };
    },
  });
  const described = {
    title: 'A memory',
    description: 'One memory, by its coord',
    mimeType: 'application/json',
  };
  server.registerResource('memory', template, described, async (uri, { coord }, { signal }) => {
    const memory = await memories.get(decodeURIComponent(String(coord)), { signal });
    const shown = memory === null ? null : { ...presentMemory(memory, true), payload: memory.payload };
    return { contents: [{ uri: uri.href, mimeType: 'application/json', text: JSON.stringify(shown) }] };
  });
}
