import {
  credentials,
  loadPackageDefinition,
  Metadata,
  type CallOptions,
  type Client,
  type ClientReadableStream,
  type ClientUnaryCall,
  type GrpcObject,
  type ServiceClientConstructor,
  type ServiceError,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

const PROTO = new URL('../../../../schemas/proto', import.meta.url).pathname;

/** google.protobuf.Struct and Value, as proto-loader has them. */
interface Struct {
  fields?: Record<string, Value>;
}
interface Value {
  nullValue?: unknown;
  numberValue?: number;
  stringValue?: string;
  boolValue?: boolean;
  listValue?: { values?: Value[] };
  structValue?: Struct;
}

interface MemoryMessage {
  coord: string;
  payload: Struct;
}

/** What an answer may have; which of it, the .proto tells of each call. */
export interface Message {
  memory: MemoryMessage;
  result: { operation_id: string };
  results: object[];
  consistency_token: string;
  deleted: boolean;
  hits: { memory: MemoryMessage }[];
  nodes?: object[];
  id: string;
  change?: { coord: string; memory?: MemoryMessage };
}

export interface Answered {
  message: Message;
  /** What comes before the answer. */
  metadata: Metadata;
}

type Methods = Record<string, (message: object, metadata: Metadata, ...rest: unknown[]) => unknown>;

/** A client as others make it: from the published .proto, by another library of messages than the service's. */
export class GrpcClient {
  readonly #client: Client & Methods;
  readonly #metadata: Readonly<Record<string, string>>;

  /** @param metadata sent with every call */
  constructor(address: string, metadata: Readonly<Record<string, string>> = {}) {
    const definition = loadSync('somafractalmemory/v1/memory.proto', {
      keepCase: true,
      longs: Number,
      includeDirs: [PROTO],
    });
    const { somafractalmemory } = loadPackageDefinition(definition) as {
      somafractalmemory: { v1: GrpcObject };
    };
    const Service = somafractalmemory.v1['MemoryService'] as ServiceClientConstructor;
    this.#client = new Service(address, credentials.createInsecure()) as unknown as Client & Methods;
    this.#metadata = metadata;
  }

  /** @throws ServiceError */
  call(
    method: string,
    message: object,
    given: Readonly<Record<string, string>> = {},
    options: CallOptions = {},
  ): Promise<Answered> {
    return new Promise((resolve, reject) => {
      let initial = new Metadata();
      const done = (error: ServiceError | null, answer: Message): void => {
        if (error === null) resolve({ message: answer, metadata: initial });
        else reject(error);
      };
      const call = this.#client[method]?.(message, this.#metadataOf(given), options, done) as ClientUnaryCall;
      call.on('metadata', (received) => (initial = received));
    });
  }

  /** The answers of a Watch, as they come; `cancel` ends it. */
  watch(message: object, given: Readonly<Record<string, string>> = {}): ClientReadableStream<Message> {
    return this.#client['Watch']?.(message, this.#metadataOf(given)) as ClientReadableStream<Message>;
  }

  close(): void {
    this.#client.close();
  }

  #metadataOf(given: Readonly<Record<string, string>>): Metadata {
    const metadata = new Metadata();
    for (const [name, value] of Object.entries({ ...this.#metadata, ...given })) metadata.set(name, value);
    return metadata;
  }
}

/** JSON as a google.protobuf.Struct: proto-loader knows the message and not its meaning. */
export function structOf(json: Readonly<Record<string, unknown>>): Struct {
  return { fields: Object.fromEntries(Object.entries(json).map(([name, value]) => [name, valueOf(value)])) };
}

function valueOf(value: unknown): Value {
  if (value === null) return { nullValue: 0 };
  if (typeof value === 'number') return { numberValue: value };
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (Array.isArray(value)) return { listValue: { values: value.map(valueOf) } };
  return { structValue: structOf(value as Record<string, unknown>) };
}

/** The JSON that a google.protobuf.Struct is. */
export function jsonOf({ fields = {} }: Struct): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, plainOf(value)]));
}

function plainOf(value: Value): unknown {
  if (value.listValue !== undefined) return (value.listValue.values ?? []).map(plainOf);
  if (value.structValue !== undefined) return jsonOf(value.structValue);
  return value.stringValue ?? value.numberValue ?? value.boolValue ?? null;
}
