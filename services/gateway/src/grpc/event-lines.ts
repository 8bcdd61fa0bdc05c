/** An event of the feed, or a line that only says where it stands. */
export interface FeedEvent {
  id: string | undefined;
  event: string | undefined;
  /** Parsed. */
  data: unknown;
}

/** Reads the feed of routes/events.ts, each event in a block of lines of its own. */
export async function* feedEvents(chunks: AsyncIterable<Buffer>): AsyncGenerator<FeedEvent> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of chunks) {
    rest += decoder.decode(chunk, { stream: true });
    const blocks = rest.split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) yield eventOf(block);
  }
}

function eventOf(block: string): FeedEvent {
  const fields = new Map(block.split('\n').map((line) => line.split(/: (.*)/s, 2) as [string, string]));
  const data = fields.get('data');
  return {
    id: fields.get('id'),
    event: fields.get('event'),
    data: data === undefined ? undefined : (JSON.parse(data) as unknown),
  };
}
