/**
 * Starts a server whose program may be missing on this machine. Missing: says so, and its tests are skipped;
 * an error when SOMA_TEST_REQUIRE, a list with commas, has the name, so that CI cannot pass by skipping.
 */
export async function startOptional<T>(
  name: string,
  program: string,
  start: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await start();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    const required = (process.env['SOMA_TEST_REQUIRE'] ?? '').split(',').map((entry) => entry.trim());
    if (required.includes(name)) {
      throw new Error(`SOMA_TEST_REQUIRE names ${name}, but ${program} is not installed`, { cause: error });
    }
    process.stderr.write(`${program} is not installed: tests that need ${name} are skipped\n`);
    return undefined;
  }
}
