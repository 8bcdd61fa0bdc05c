/**
 * kafkajs fetches again only when all batches of a fetch are through. A batch that takes longer than this steps out:
 * its partition is paused, the others go on.
 */
const STEP_OUT_MS = 25;

/** False when the delivery takes so long that it has to step out. */
export async function inTime(delivered: Promise<void>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), STEP_OUT_MS);
  });
  const done = await Promise.race([delivered.then(() => true), late]);
  clearTimeout(timer);
  return done;
}
