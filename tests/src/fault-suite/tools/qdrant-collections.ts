interface Point {
  id: string | number;
  payload: unknown;
  vector: unknown;
}

const PAGE = 200;

/** All points go, whatever they are; the collections stay. */
export async function emptyCollections(url: string): Promise<void> {
  for (const name of await namesOf(url)) {
    await post(url, `/collections/${name}/points/delete?wait=true`, { filter: {} });
  }
}

/** What every collection holds now. */
export async function copyOfCollections(url: string): Promise<{ putBack(): Promise<void> }> {
  const copies = new Map<string, Point[]>();
  for (const name of await namesOf(url)) copies.set(name, await pointsOf(url, name));
  return {
    putBack: async () => {
      for (const [name, points] of copies) {
        for (let at = 0; at < points.length; at += PAGE) {
          const page = points.slice(at, at + PAGE);
          await ask(url, 'PUT', `/collections/${name}/points?wait=true`, { points: page });
        }
      }
    },
  };
}

async function namesOf(url: string): Promise<string[]> {
  const { collections } = await ask<{ collections: { name: string }[] }>(url, 'GET', '/collections');
  return collections.map(({ name }) => name);
}

async function pointsOf(url: string, name: string): Promise<Point[]> {
  const points: Point[] = [];
  let offset: unknown = null;
  do {
    const page = await post<{ points: Point[]; next_page_offset: unknown }>(
      url,
      `/collections/${name}/points/scroll`,
      { limit: PAGE, with_payload: true, with_vector: true, ...(offset === null ? {} : { offset }) },
    );
    points.push(...page.points);
    offset = page.next_page_offset ?? null;
  } while (offset !== null);
  return points.map(({ id, payload, vector }) => ({ id, payload, vector: vector ?? {} }));
}

function post<T>(url: string, path: string, body: unknown): Promise<T> {
  return ask(url, 'POST', path, body);
}

async function ask<T>(url: string, method: string, path: string, body?: unknown): Promise<T> {
  const answer = await fetch(`${url}${path}`, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!answer.ok)
    throw new Error(`Qdrant answers ${answer.status} to ${method} ${path}: ${await answer.text()}`);
  return ((await answer.json()) as { result: T }).result;
}
