import type { Admission } from './admission.js';

/** Part of an answer, and what gives the room back that it takes until it is sent. */
export type HeldPage<Page> = Page & { release: () => void };

/**
 * Reads a page of an answer that goes on, which finds room of its own.
 * @throws SomaError overloaded, and what `read` throws: the room is free again then
 */
export async function heldPage<Page extends object>(
  admission: Pick<Admission, 'holdAnswer'>,
  read: (hold: (bytes: number) => void) => Promise<Page>,
): Promise<HeldPage<Page>> {
  const holding = admission.holdAnswer();
  try {
    return { ...(await read(holding.add)), release: holding.release };
  } catch (error) {
    holding.release();
    throw error;
  }
}
