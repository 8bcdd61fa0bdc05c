import { createHash } from 'node:crypto';

/** The namespace of this project's point ids (RFC 9562, section 5.5); another one would orphan every point. */
const ID_NAMESPACE = Buffer.from('6f1d3c2a8c1b4b7e9a55d0c6c4a6f2e1', 'hex');

/** Id of a memory's point. */
export function pointId(namespace: string, key: string): string {
  return uuidV5(`${namespace}/${key}`);
}

/** Id of the reserved point with a partition's progress; no namespace begins with a slash. */
export function progressPointId(partition: number): string {
  return uuidV5(`/progress/${partition}`);
}

function uuidV5(name: string): string {
  const hash = createHash('sha1').update(ID_NAMESPACE).update(name).digest();
  hash.writeUInt8((hash.readUInt8(6) & 0x0f) | 0x50, 6);
  hash.writeUInt8((hash.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = hash.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
    '-',
  );
}
