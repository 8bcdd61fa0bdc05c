import { randomUUID } from 'node:crypto';
import { createCodec } from '@soma/events';
import type { Command } from '@soma/memory';

/** How far beyond the newest id: what the services register meanwhile must not take it. */
const AHEAD = 20;

/** A schema that producers use before the registry has it. */
export class FutureSchema {
  readonly id: number;
  #schema: object = {};

  private constructor(id: number) {
    this.id = id;
  }

  static async pick(): Promise<FutureSchema> {
    return new FutureSchema((await registerAny()) + AHEAD);
  }

  /** The command under this schema's id. */
  async encode(command: Command): Promise<Buffer> {
    const codec = createCodec({
      ids: {
        idOf: (_, schema) => {
          this.#schema = schema;
          return Promise.resolve(this.id);
        },
        schemaOf: () => Promise.reject(new Error('nothing is read here')),
      },
    });
    return (await codec.encodeCommand(command)).value;
  }

  /** Registers it, after `encode`; from then on its records can be read. */
  async register(): Promise<void> {
    let newest = await registerAny();
    while (newest < this.id - 1) newest = await registerAny();
    // The same but for its doc, which makes it another schema.
    const registered = await register({ ...this.#schema, doc: randomUUID() });
    if (registered !== this.id) throw new Error(`the registry gave ${registered} instead of ${this.id}`);
  }
}

function registerAny(): Promise<number> {
  return register({ type: 'record', name: `T${randomUUID().replaceAll('-', '')}`, fields: [] });
}

async function register(schema: object): Promise<number> {
  const settings = JSON.parse(process.env['SOMA_ACCEPTANCE_SETTINGS'] ?? '{}') as Record<string, string>;
  const url = `${settings['SOMA_SCHEMA_REGISTRY_URL'] ?? ''}/subjects/${randomUUID()}/versions`;
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
    body: JSON.stringify({ schema: JSON.stringify(schema) }),
  });
  const { id } = (await response.json()) as { id?: number };
  if (id === undefined) throw new Error(`the registry refused a schema: ${response.status}`);
  return id;
}
