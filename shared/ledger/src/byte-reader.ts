/** Reads a buffer from front to back. @throws RangeError past its end. */
export class ByteReader {
  readonly #buffer: Buffer;
  #at = 0;

  constructor(buffer: Buffer) {
    this.#buffer = buffer;
  }

  get atEnd(): boolean {
    return this.#at >= this.#buffer.length;
  }

  /** An unsigned big-endian number of 1 to 6 bytes. */
  number(bytes: number): number {
    const value = this.#buffer.readUIntBE(this.#at, bytes);
    this.#at += bytes;
    return value;
  }

  bytes(length: number): Buffer {
    const slice = this.#buffer.subarray(this.#at, this.#at + length);
    if (slice.length < length) throw new RangeError('read past the end');
    this.#at += length;
    return slice;
  }
}
