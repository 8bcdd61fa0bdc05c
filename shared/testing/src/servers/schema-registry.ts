import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { RunningServer } from './postgres.js';

/**
 * A small stand-in of the Confluent Schema Registry's REST API, for tests only: Avro, in memory, no references, no
 * deletion. https://docs.confluent.io/platform/current/schema-registry/develop/api.html
 */
export async function startSchemaRegistry(options: { port?: number } = {}): Promise<RunningServer> {
  const registry = new Registry();
  const server = createServer((request, response) => {
    void answer(registry, request, response);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, stop: () => stop(server) };
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
    server.closeAllConnections();
  });
}

/** Each level says which of (old reads new, new reads old) must hold, and against how many versions. */
const LEVELS: Record<string, { backward: boolean; forward: boolean; transitive: boolean }> = {
  NONE: { backward: false, forward: false, transitive: false },
  BACKWARD: { backward: true, forward: false, transitive: false },
  BACKWARD_TRANSITIVE: { backward: true, forward: false, transitive: true },
  FORWARD: { backward: false, forward: true, transitive: false },
  FORWARD_TRANSITIVE: { backward: false, forward: true, transitive: true },
  FULL: { backward: true, forward: true, transitive: false },
  FULL_TRANSITIVE: { backward: true, forward: true, transitive: true },
};

class RegistryError extends Error {
  constructor(
    readonly code: number,
    message: string,
  ) {
    super(message);
  }
}

interface Version {
  subject: string;
  version: number;
  id: number;
  schema: string;
}

class Registry {
  readonly #schemas: string[] = [];
  readonly #subjects = new Map<string, Version[]>();
  readonly #levels = new Map<string, string>();

  subjects(): string[] {
    return [...this.#subjects.keys()];
  }

  schema(id: number): { schema: string } {
    const schema = this.#schemas[id - 1];
    if (schema === undefined) throw new RegistryError(40403, `Schema ${id} not found`);
    return { schema };
  }

  versions(subject: string): Version[] {
    const versions = this.#subjects.get(subject);
    if (versions === undefined) throw new RegistryError(40401, `Subject '${subject}' not found.`);
    return versions;
  }

  version(subject: string, version: string): Version {
    const versions = this.versions(subject);
    const found = version === 'latest' ? versions.at(-1) : versions[Number(version) - 1];
    if (found === undefined) throw new RegistryError(40402, `Version ${version} not found.`);
    return found;
  }

  lookup(subject: string, text: string): Version {
    const schema = canonical(text);
    const found = this.versions(subject).find((version) => version.schema === schema);
    if (found === undefined) throw new RegistryError(40403, 'Schema not found');
    return found;
  }

  register(subject: string, text: string): { id: number } {
    const schema = canonical(text);
    const versions = this.#subjects.get(subject) ?? [];
    const known = versions.find((version) => version.schema === schema);
    if (known !== undefined) return { id: known.id };
    if (!this.isCompatible(subject, schema, versions)) {
      throw new RegistryError(
        409,
        `Schema being registered is incompatible with an earlier schema for subject "${subject}"`,
      );
    }
    if (!this.#schemas.includes(schema)) this.#schemas.push(schema);
    const id = this.#schemas.indexOf(schema) + 1;
    this.#subjects.set(subject, [...versions, { subject, version: versions.length + 1, id, schema }]);
    return { id };
  }

  isCompatible(subject: string, text: string, versions: Version[]): boolean {
    const level = LEVELS[this.#levels.get(subject) ?? this.globalLevel()];
    if (level === undefined) return true;
    const candidate = JSON.parse(text) as unknown;
    return (level.transitive ? versions : versions.slice(-1)).every(({ schema }) => {
      const earlier = JSON.parse(schema) as unknown;
      return (
        (!level.backward || canRead(candidate, earlier)) && (!level.forward || canRead(earlier, candidate))
      );
    });
  }

  globalLevel(): string {
    return this.#levels.get('') ?? 'BACKWARD';
  }

  level(subject: string): string {
    const level = this.#levels.get(subject);
    if (level === undefined) {
      throw new RegistryError(
        40408,
        `Subject '${subject}' does not have subject-level compatibility configured`,
      );
    }
    return level;
  }

  setLevel(subject: string, level: string): void {
    if (LEVELS[level] === undefined) throw new RegistryError(42203, 'Invalid compatibility level');
    this.#levels.set(subject, level);
  }
}

function canonical(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text));
  } catch {
    throw new RegistryError(42201, 'Invalid schema');
  }
}

/** What a number may be read as. Avro 1.12, "Schema Resolution". */
const PROMOTIONS: Record<string, string[]> = {
  int: ['long', 'float', 'double'],
  long: ['float', 'double'],
  float: ['double'],
  string: ['bytes'],
  bytes: ['string'],
};

interface Complex {
  type: unknown;
  name?: string;
  fields?: { name: string; type: unknown; default?: unknown }[];
  items?: unknown;
  values?: unknown;
}

/** Avro's schema resolution, as far as tests need it: names are compared whole, enums and fixed by name only. */
function canRead(reader: unknown, writer: unknown): boolean {
  if (Array.isArray(writer)) return writer.every((branch) => canRead(reader, branch));
  if (Array.isArray(reader)) return reader.some((branch) => canRead(branch, writer));
  const [to, from] = [complex(reader), complex(writer)];
  if (to.type === 'record' && from.type === 'record') return to.name === from.name && canReadFields(to, from);
  if (to.type === 'array' && from.type === 'array') return canRead(to.items, from.items);
  if (to.type === 'map' && from.type === 'map') return canRead(to.values, from.values);
  if (to.name !== undefined || from.name !== undefined) return to.type === from.type && to.name === from.name;
  return to.type === from.type || (PROMOTIONS[String(from.type)] ?? []).includes(String(to.type));
}

function canReadFields(reader: Complex, writer: Complex): boolean {
  return (reader.fields ?? []).every((field) => {
    const written = writer.fields?.find(({ name }) => name === field.name);
    return written === undefined ? field.default !== undefined : canRead(field.type, written.type);
  });
}

function complex(schema: unknown): Complex {
  return typeof schema === 'object' && schema !== null ? (schema as Complex) : { type: schema };
}

interface Asked {
  method: string;
  /** Path segments, decoded. */
  path: string[];
  body: { schema?: string; compatibility?: string };
}

async function answer(registry: Registry, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString('utf8');
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const path = pathname.split('/').slice(1).map(decodeURIComponent);
    const body = (text === '' ? {} : JSON.parse(text)) as Asked['body'];
    send(response, 200, route(registry, { method: request.method ?? 'GET', path, body }));
  } catch (error) {
    const code = error instanceof RegistryError ? error.code : 500;
    const status = code > 999 ? Math.floor(code / 100) : code;
    send(response, status, { error_code: code, message: error instanceof Error ? error.message : 'failed' });
  }
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/vnd.schemaregistry.v1+json' });
  response.end(JSON.stringify(body));
}

function route(registry: Registry, { method, path, body }: Asked): unknown {
  const [resource, name = '', versions, version = ''] = path;
  const what = `${method} ${resource ?? ''}`;
  if (what === 'GET schemas' && name === 'ids') return registry.schema(Number(versions));
  if (what === 'GET subjects' && name === '') return registry.subjects();
  if (what === 'GET subjects' && version === '') return registry.versions(name).map((entry) => entry.version);
  if (what === 'GET subjects') return registry.version(name, version);
  if (what === 'POST subjects' && versions === undefined) return registry.lookup(name, schemaOf(body));
  if (what === 'POST subjects') return registry.register(name, schemaOf(body));
  if (what === 'GET config')
    return { compatibilityLevel: name === '' ? registry.globalLevel() : registry.level(name) };
  if (what === 'PUT config') {
    registry.setLevel(name, body.compatibility ?? '');
    return { compatibility: body.compatibility };
  }
  const [, , subject = '', , wanted = 'latest'] = path;
  if (what === 'POST compatibility') {
    const against = [registry.version(subject, wanted)];
    return { is_compatible: registry.isCompatible(subject, canonical(schemaOf(body)), against) };
  }
  throw new RegistryError(404, 'HTTP 404 Not Found');
}

function schemaOf(body: Asked['body']): string {
  if (body.schema === undefined) throw new RegistryError(42201, 'Empty schema');
  return body.schema;
}
