import type { HistoryPage, MemoryPage } from './answers.js';
import type { Client, SentHeaders } from './client.js';

/** One page of a list, a range or a history. */
export function page<T = MemoryPage>(client: Client, path: string, headers: SentHeaders = {}) {
  return client.call<T>('GET', path, { headers });
}

/** The pages that follow, `between` being done before each. */
export async function* pagesOf<T extends MemoryPage | HistoryPage = MemoryPage>(
  client: Client,
  path: string,
  between: () => Promise<void> = () => Promise.resolve(),
): AsyncGenerator<T> {
  const joint = path.includes('?') ? '&' : '?';
  let cursor = '';
  for (;;) {
    const { status, body } = await page<T>(client, `${path}${cursor}`);
    if (status !== 200) throw new Error(`${path} was answered with ${status}: ${JSON.stringify(body)}`);
    yield body;
    if (body.next_cursor === null) return;
    cursor = `${joint}cursor=${encodeURIComponent(body.next_cursor)}`;
    await between();
  }
}

/** Coords of all pages. */
export async function allCoords(
  client: Client,
  path: string,
  between?: () => Promise<void>,
): Promise<string[]> {
  const coords: string[] = [];
  for await (const { memories } of pagesOf(client, path, between)) {
    coords.push(...memories.map(({ coord }) => coord));
  }
  return coords;
}
