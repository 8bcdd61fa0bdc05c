/** Kafka's api key of Produce. https://kafka.apache.org/protocol.html#protocol_api_keys */
const PRODUCE = 0;
const SIZE_BYTES = 4;

export interface AnswerFrame {
  frame: Buffer;
  /** The answer to a Produce request. */
  produce: boolean;
}

/**
 * Listens to one connection with a broker. Every message is a length and a frame; a request's frame begins with api
 * key (int16), api version (int16) and correlation id (int32), an answer's with the correlation id it answers.
 */
export class KafkaConversation {
  readonly #requests = new Frames();
  readonly #answers = new Frames();
  readonly #produces = new Set<number>();

  heardRequest(chunk: Buffer): void {
    for (const frame of this.#requests.add(chunk)) {
      if (frame.readInt16BE(SIZE_BYTES) === PRODUCE) this.#produces.add(frame.readInt32BE(SIZE_BYTES + 4));
    }
  }

  /** Whole frames, each with its length before it, as soon as they are complete. */
  heardAnswer(chunk: Buffer): AnswerFrame[] {
    return this.#answers
      .add(chunk)
      .map((frame) => ({ frame, produce: this.#produces.delete(frame.readInt32BE(SIZE_BYTES)) }));
  }
}

class Frames {
  #held: Buffer[] = [];
  #bytes = 0;

  add(chunk: Buffer): Buffer[] {
    this.#held.push(chunk);
    this.#bytes += chunk.length;
    const frames: Buffer[] = [];
    for (;;) {
      const size = this.#nextSize();
      if (size === undefined || this.#bytes < size) return frames;
      const all = this.#joined();
      frames.push(all.subarray(0, size));
      this.#held = [all.subarray(size)];
      this.#bytes -= size;
    }
  }

  /** With its length field; undefined while not even that is there. */
  #nextSize(): number | undefined {
    if (this.#bytes < SIZE_BYTES) return undefined;
    const first = this.#held[0];
    return (
      SIZE_BYTES + (first !== undefined && first.length >= SIZE_BYTES ? first : this.#joined()).readInt32BE(0)
    );
  }

  #joined(): Buffer {
    const all = this.#held.length === 1 ? this.#held[0] : Buffer.concat(this.#held);
    this.#held = all === undefined ? [] : [all];
    return all ?? Buffer.alloc(0);
  }
}
