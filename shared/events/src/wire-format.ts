import { SomaError } from '@soma/memory';

const MAGIC = 0;
const PREFIX_BYTES = 5;

/** Confluent wire format: a zero byte, the schema id as a big-endian 32-bit integer, the Avro bytes. */
export function frame(schemaId: number, avro: Buffer): Buffer {
  const framed = Buffer.allocUnsafe(PREFIX_BYTES + avro.length);
  framed.writeUInt8(MAGIC, 0);
  framed.writeUInt32BE(schemaId, 1);
  avro.copy(framed, PREFIX_BYTES);
  return framed;
}

export function unframe(value: Buffer): { schemaId: number; avro: Buffer } {
  if (value.length < PREFIX_BYTES || value[0] !== MAGIC) {
    throw new SomaError(
      'undecodable_record',
      'the value is not in the Confluent wire format; JSON needs the header content-type: application/json',
    );
  }
  return { schemaId: value.readUInt32BE(1), avro: value.subarray(PREFIX_BYTES) };
}
