import { show, type CommandContext } from '../command-context.js';
import { parseJsonObject } from '../parse-json.js';
import { tableOf } from '../table.js';

export interface LinkOptions {
  type: string;
  weight?: number;
  properties?: string;
  until?: string;
}

interface Linked {
  version: number | null;
  deleted?: boolean;
}

export async function link(
  context: CommandContext,
  from: string,
  to: string,
  { type, weight, properties, until }: LinkOptions,
): Promise<void> {
  const body = {
    from_coord: from,
    to_coord: to,
    type,
    weight,
    ...(properties === undefined ? {} : { properties: parseJsonObject(properties, '--properties') }),
  };
  const answer = await context.api.call<Linked>('POST', '/graph/links', { body, query: { until } });
  show(context, answer.body, () => `${from} -${type}-> ${to}: ${answer.status === 201 ? 'new' : 'replaced'}`);
}

export async function unlink(
  context: CommandContext,
  from: string,
  to: string,
  { type }: Pick<LinkOptions, 'type'>,
): Promise<void> {
  const query = { from_coord: from, to_coord: to, type };
  const { body } = await context.api.call<Linked>('DELETE', '/graph/links', { query });
  show(context, body, () =>
    body.deleted === false ? 'there was no such link' : `${from} -${type}-> ${to}: removed`,
  );
}

export interface NeighborsOptions {
  type?: string;
  direction: string;
  depth: number;
  limit: number;
}

interface Node {
  coord: string;
  text: string;
  depth: number;
}

interface Walk {
  nodes: Node[];
  links: { from_coord: string; to_coord: string; type: string; weight: number }[];
}

export async function neighbors(
  context: CommandContext,
  coord: string,
  { type, direction, depth, limit }: NeighborsOptions,
): Promise<void> {
  const query = { coord, type, direction, depth, limit };
  const { body } = await context.api.call<Walk>('GET', '/graph/neighbors', { query });
  show(context, body, () => walkText(body));
}

export async function path(
  context: CommandContext,
  from: string,
  to: string,
  { type, maxDepth }: { type?: string; maxDepth: number },
): Promise<void> {
  const query = { from_coord: from, to_coord: to, type, max_depth: maxDepth };
  const { body } = await context.api.call<Walk & { cost: number }>('GET', '/graph/path', { query });
  show(context, body, () => `${walkText(body)}\ncost ${body.cost.toFixed(3)}`);
}

function walkText({ nodes, links }: Walk): string {
  if (nodes.length === 0) return 'nothing is linked with it';
  const rows = nodes.map(({ depth, coord, text }) => [depth, coord, text]);
  const linked = links.map((one) => [one.from_coord, one.type, one.to_coord, one.weight]);
  return `${tableOf(['steps', 'coord', 'text'], rows)}\n${tableOf(['from', 'type', 'to', 'weight'], linked)}`;
}
