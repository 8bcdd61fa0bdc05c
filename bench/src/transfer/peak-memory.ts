import { residentMib } from '../resident-memory.js';

const LOOK_MS = 250;

/** The most that a process and all it started took, looked at four times a second. */
export class PeakMemory {
  #peak = 0;
  #timer: NodeJS.Timeout | undefined;
  readonly #pid: number;

  constructor(pid: number) {
    this.#pid = pid;
  }

  get peakMib(): number {
    return this.#peak;
  }

  async start(): Promise<void> {
    await this.#look();
    this.#timer = setInterval(() => void this.#look(), LOOK_MS);
  }

  /** What it was until now; from now on it is found anew. */
  restart(): number {
    const peak = this.#peak;
    this.#peak = 0;
    return peak;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    this.#peak = Math.max(this.#peak, (await residentMib(this.#pid)) ?? 0);
  }
}
