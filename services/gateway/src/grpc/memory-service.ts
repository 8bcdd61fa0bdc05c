import type { IncomingMessage } from 'node:http';
import type { DescMethod, JsonObject } from '@bufbuild/protobuf';
import type {
  handleServerStreamingCall,
  handleUnaryCall,
  MethodDefinition,
  ServerUnaryCall,
  ServiceDefinition,
  ServiceError,
  UntypedServiceImplementation,
} from '@grpc/grpc-js';
import type { Logger } from 'pino';
import { v7 } from 'uuid';
import { isSomaError } from '@soma/memory';
import type { GatewaySettings } from '../config.js';
import type { GatewayMetrics } from '../metrics.js';
import { problemOf, type Problem } from '../problem.js';
import { RequestRefused } from '../refusal.js';
import { STALLED_MS } from '../send-stream.js';
import { MemoryService } from './generated/somafractalmemory/v1/memory_pb.js';
import { askForCall } from './ask-for-call.js';
import { jsonOf, type AskHttp, type InnerRequest } from './in-process-http.js';
import { jsonOfMessage, messageOfJson } from './messages.js';
import { errorOf, metadataOf } from './metadata.js';
import { TRANSLATIONS, watchRequest, type Translation } from './translations.js';
import { watch } from './watch.js';

export interface CallDeps {
  ask: AskHttp;
  settings: GatewaySettings;
  metrics: Pick<GatewayMetrics, 'unreadable'>;
  logger: Logger;
}

type Unary = handleUnaryCall<Buffer, Buffer>;
type Streaming = handleServerStreamingCall<Buffer, Buffer>;

/** Messages travel as bytes: they are read where a limit of their own is known, and refused with a code. */
export function memoryService(deps: CallDeps): [ServiceDefinition, UntypedServiceImplementation] {
  const methods = MemoryService.methods.map((method) => [method.name, method] as const);
  const definition = methods.map(([name, method]) => [name, definitionOf(method)] as const);
  const implementation = methods.map(([name, method]): [string, Unary | Streaming] => {
    const translation = TRANSLATIONS[name];
    return [name, translation === undefined ? watching(method, deps) : unary(method, translation, deps)];
  });
  return [Object.fromEntries(definition), Object.fromEntries(implementation)];
}

function definitionOf(method: DescMethod): MethodDefinition<Buffer, Buffer> {
  const asBytes = (bytes: Buffer): Buffer => bytes;
  return {
    path: `/${method.parent.typeName}/${method.name}`,
    requestStream: false,
    responseStream: method.methodKind === 'server_streaming',
    requestSerialize: asBytes,
    requestDeserialize: asBytes,
    responseSerialize: asBytes,
    responseDeserialize: asBytes,
  };
}

function unary(method: DescMethod, translation: Translation, deps: CallDeps): Unary {
  const { SOMA_MAX_BATCH_BYTES, SOMA_MAX_BODY_BYTES } = deps.settings;
  const limit = translation.large === true ? SOMA_MAX_BATCH_BYTES : SOMA_MAX_BODY_BYTES;
  const answer = async (call: ServerUnaryCall<Buffer, Buffer>): Promise<Buffer> => {
    const message = read(method, call.request, limit);
    const { headers, body } = await asked(translation.request(message), call, deps);
    const answered = messageOfJson(method.output, translation.answer(body, headers));
    call.sendMetadata(metadataOf(headers));
    return answered;
  };
  return (call, callback) => {
    answer(call).then(
      (bytes) => {
        callback(null, bytes);
      },
      (error: unknown) => {
        callback(refusalOf(error, deps));
      },
    );
  };
}

function watching(method: DescMethod, deps: CallDeps): Streaming {
  const follow = async (call: Parameters<Streaming>[0]): Promise<void> => {
    const message = read(method, call.request, deps.settings.SOMA_MAX_BODY_BYTES);
    const feed = await ask(watchRequest(message), call, deps);
    call.sendMetadata(metadataOf(feed.headers));
    const messageOf = (json: JsonObject): Buffer => messageOfJson(method.output, json);
    await watch(feed, call, { messageOf, stalledMs: STALLED_MS });
  };
  return (call) => {
    follow(call).then(
      () => {
        call.end();
      },
      (error: unknown) => {
        if (!call.cancelled) call.emit('error', refusalOf(error, deps));
      },
    );
  };
}

function read(method: DescMethod, bytes: Buffer, limit: number): JsonObject {
  if (bytes.length <= limit) return jsonOfMessage(method.input, bytes);
  throw new RequestRefused('payload_too_large', `the message is larger than ${limit} bytes`);
}

type AnyCall = ServerUnaryCall<Buffer, Buffer> | Parameters<Streaming>[0];

async function asked(request: InnerRequest, call: AnyCall, deps: CallDeps) {
  const answer = await ask(request, call, deps);
  return { headers: answer.headers, body: (await jsonOf(answer)) as JsonObject };
}

/** @throws AnsweredProblem */
async function ask(request: InnerRequest, call: AnyCall, deps: CallDeps): Promise<IncomingMessage> {
  const answer = await askForCall(deps.ask, request, call);
  if ((answer.statusCode ?? 500) < 400) return answer;
  throw new AnsweredProblem(errorOf((await jsonOf(answer)) as Problem, answer.headers));
}

/** The HTTP face has logged and counted it. */
class AnsweredProblem extends Error {
  readonly answer: ServiceError;

  constructor(answer: ServiceError) {
    super(answer.details);
    this.answer = answer;
  }
}

/** What never became a request of the HTTP face is told in the same form. */
function refusalOf(error: unknown, { settings, metrics, logger }: CallDeps): ServiceError {
  if (error instanceof AnsweredProblem) return error.answer;
  const id = v7();
  const { problem, headers } = problemOf(error, { request_id: id, docs_url: settings.SOMA_DOCS_URL });
  if (!isSomaError(error)) logger.error({ request_id: id, err: error }, 'call failed');
  metrics.unreadable(problem.code);
  return errorOf(problem, { 'x-request-id': id, ...headers });
}
