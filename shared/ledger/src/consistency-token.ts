import { createHmac, timingSafeEqual } from 'node:crypto';
import { TOPICS, type Topic } from '@soma/events';
import { generationOf, positionOf, revisionOf } from '@soma/memory';
import { ByteReader } from './byte-reader.js';
import type { Installation, PositionVector } from './port.js';
import { furthest } from './positions.js';

/** What a token is bound to: its signature says nothing anywhere else. */
export interface TokenBinding {
  installation: Installation;
  namespace: string;
}

/*
 * base64url of
 *   format (1 byte) · generation (2) · topics · signature (16)
 * and of each topic
 *   code (1) · length of the bitmap (1) · bitmap of its partitions, lowest first · bytes a position (1) · positions
 * Numbers are big-endian. A position takes at most 5 bytes (below 2^40), so that two topics with 64 partitions
 * each come to 913 characters; the contract's limit is 1024.
 */
const FORMAT = 1;
const HEADER_BYTES = 3;
const SIGNATURE_BYTES = 16;
/** The length of a bitmap is one byte. */
const MAX_PARTITION = 255 * 8 - 1;
/** Far above any token made here: what is longer is not worth decoding. */
const MAX_TOKEN_LENGTH = 8192;

/** Never change a code: tokens are held by callers. */
const TOPIC_CODES: Readonly<Record<Topic, number>> = {
  [TOPICS.memoryCommands]: 1,
  [TOPICS.graphCommands]: 2,
  [TOPICS.memoryEvents]: 3,
  [TOPICS.deadLetters]: 4,
};
const TOPICS_BY_CODE = new Map(Object.values(TOPICS).map((topic) => [TOPIC_CODES[topic], topic]));

/** @throws RangeError for a position or generation beyond what a revision can hold. */
export function encodeConsistencyToken(vector: PositionVector, binding: TokenBinding): string {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt8(FORMAT);
  header.writeUInt16BE(generationOf(revisionOf(vector.generation, 0)), 1);
  const sections = Object.values(TOPICS).map((topic) => encodeTopic(topic, vector.positions[topic] ?? {}));
  const body = Buffer.concat([header, ...sections]);
  return Buffer.concat([body, sign(body, binding)]).toString('base64url');
}

function encodeTopic(topic: Topic, positions: Record<number, number>): Buffer {
  const entries = Object.entries(positions).map(
    ([partition, position]) => [Number(partition), position] as const,
  );
  if (entries.length === 0) return Buffer.alloc(0);
  entries.sort(([a], [b]) => a - b);
  const last = entries.at(-1)?.[0] ?? 0;
  if (last > MAX_PARTITION) throw new RangeError(`partition ${last} out of range`);
  const bitmap = Buffer.alloc((last >> 3) + 1);
  for (const [partition] of entries)
    bitmap.writeUInt8(bitmap.readUInt8(partition >> 3) | (1 << (partition & 7)), partition >> 3);
  const width = Math.max(...entries.map(([, position]) => bytesOf(position)));
  const numbers = Buffer.alloc(entries.length * width);
  entries.forEach(([, position], index) => numbers.writeUIntBE(position, index * width, width));
  return Buffer.concat([
    Buffer.from([TOPIC_CODES[topic], bitmap.length]),
    bitmap,
    Buffer.from([width]),
    numbers,
  ]);
}

function bytesOf(position: number): number {
  let rest = positionOf(revisionOf(0, position));
  let bytes = 1;
  while (rest > 0xff) {
    rest = Math.floor(rest / 0x100);
    bytes += 1;
  }
  return bytes;
}

export type DecodedToken = { ok: true; vector: PositionVector } | { ok: false };

/** Not ok: not a token, not of this installation and namespace, or from before the log's generation was raised. */
export function decodeConsistencyToken(token: string, binding: TokenBinding): DecodedToken {
  if (token.length > MAX_TOKEN_LENGTH) return { ok: false };
  const bytes = Buffer.from(token, 'base64url');
  // Node skips what is no base64url; a token has one spelling.
  if (bytes.toString('base64url') !== token || bytes.length < HEADER_BYTES + SIGNATURE_BYTES)
    return { ok: false };
  const body = bytes.subarray(0, -SIGNATURE_BYTES);
  if (!timingSafeEqual(sign(body, binding), bytes.subarray(-SIGNATURE_BYTES))) return { ok: false };
  const vector = decodeBody(new ByteReader(body));
  return vector?.generation === binding.installation.generation ? { ok: true, vector } : { ok: false };
}

/** Undefined for a format this version does not know. What is signed is well formed. */
function decodeBody(reader: ByteReader): PositionVector | undefined {
  if (reader.number(1) !== FORMAT) return undefined;
  const vector: PositionVector = { generation: reader.number(2), positions: {} };
  while (!reader.atEnd) {
    const topic = TOPICS_BY_CODE.get(reader.number(1));
    if (topic === undefined) return undefined;
    const bitmap = reader.bytes(reader.number(1));
    const width = reader.number(1);
    const positions: Record<number, number> = {};
    for (let partition = 0; partition < bitmap.length * 8; partition += 1) {
      if ((bitmap.readUInt8(partition >> 3) >> (partition & 7)) & 1)
        positions[partition] = reader.number(width);
    }
    vector.positions[topic] = positions;
  }
  return vector;
}

function sign(body: Buffer, { installation, namespace }: TokenBinding): Buffer {
  return createHmac('sha256', installation.secret)
    .update(`consistency-token\n${installation.id}\n${namespace}\n`)
    .update(body)
    .digest()
    .subarray(0, SIGNATURE_BYTES);
}

/** At least as new as both. Positions of an older generation are over: the newer vector stands alone. */
export function mergePositions(a: PositionVector, b: PositionVector): PositionVector {
  if (a.generation !== b.generation) return a.generation > b.generation ? a : b;
  const positions: PositionVector['positions'] = {};
  for (const topic of Object.values(TOPICS)) {
    const merged = furthest(a.positions[topic] ?? {}, b.positions[topic] ?? {});
    if (Object.keys(merged).length > 0) positions[topic] = merged;
  }
  return { generation: a.generation, positions };
}
