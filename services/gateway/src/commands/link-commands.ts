import type { JsonObject, LinkMemories, UnlinkMemories } from '@soma/memory';
import { envelopeOf, type CommandSource } from './memory-commands.js';

export interface LinkEnds {
  from_coord: string;
  to_coord: string;
  type: string;
}

export function linkCommand(
  source: CommandSource,
  body: LinkEnds & { weight: number; properties: JsonObject },
): LinkMemories {
  const { from_coord, to_coord, type, weight, properties } = body;
  return {
    type: 'LinkMemories',
    ...envelopeOf(source, 0),
    from_coord,
    to_coord,
    link_type: type,
    weight,
    properties,
  };
}

export function unlinkCommand(
  source: CommandSource,
  { from_coord, to_coord, type }: LinkEnds,
): UnlinkMemories {
  return { type: 'UnlinkMemories', ...envelopeOf(source, 0), from_coord, to_coord, link_type: type };
}
