interface Page {
  /** Null at the end. */
  next_cursor: string | null;
}

/** Goes through the items of all pages. A page is fetched when the ones before it are used up. */
export async function* walk<Found extends Page, Item>(
  fetchPage: (cursor: string | undefined) => Promise<Found>,
  itemsOf: (page: Found) => readonly Item[],
): AsyncGenerator<Item, void> {
  let cursor: string | undefined;
  do {
    const page = await fetchPage(cursor);
    yield* itemsOf(page);
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
}
