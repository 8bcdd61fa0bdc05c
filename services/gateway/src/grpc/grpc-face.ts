import type { Server as HttpServer } from 'node:http';
import type { Duplex } from 'node:stream';
import { toBinary } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';
import { Server, ServerCredentials, type ServerOptions } from '@grpc/grpc-js';
import { ReflectionService } from '@grpc/reflection';
import { service as healthService } from 'grpc-health-check';
import type { GatewaySettings } from '../config.js';
import {
  file_somafractalmemory_v1_memory as FILE,
  MemoryService,
} from './generated/somafractalmemory/v1/memory_pb.js';
import { health } from './health.js';
import { createAskHttp } from './in-process-http.js';
import { memoryService, type CallDeps } from './memory-service.js';
import { divideConnections } from './preface.js';

export interface GrpcFace {
  /** Takes no more calls; those under way have `graceMs` to end. */
  drain(graceMs: number): void;
}

/** Most calls of one connection at one time. */
const MAX_STREAMS_PER_CONNECTION = 100;
/** A peer that does not answer for so long is gone, milliseconds. */
const KEEPALIVE_MS = 30_000;
const KEEPALIVE_TIMEOUT_MS = 10_000;

/** Serves gRPC with the connections of the HTTP server that begin as HTTP/2 does; the HTTP face answers the calls. */
export function createGrpcFace(http: HttpServer, deps: Omit<CallDeps, 'ask'>): GrpcFace {
  const { settings } = deps;
  const server = new Server(optionsOf(settings));
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
  const serveHttp = http.listeners('connection') as ((connection: Duplex) => void)[];
  const ask = createAskHttp((connection) => {
    for (const serve of serveHttp) serve.call(http, connection);
  });
  server.addService(...memoryService({ ...deps, ask }));
  server.addService(healthService, { check: health(ask, [MemoryService.typeName]) });
  reflection().addToServer(server);
  const closeUndecided = divideConnections(http, {
    timeoutMs: settings.SOMA_HEADERS_TIMEOUT * 1000,
    takeHttp2: (socket) => {
      injector.injectConnection(socket);
    },
  });
  return {
    drain: (graceMs) => {
      closeUndecided();
      injector.drain(graceMs);
    },
  };
}

function optionsOf(settings: GatewaySettings): ServerOptions {
  return {
    'grpc.max_receive_message_length': settings.SOMA_MAX_BATCH_BYTES,
    // What answers may take is bounded where they are read.
    'grpc.max_send_message_length': -1,
    'grpc.max_concurrent_streams': MAX_STREAMS_PER_CONNECTION,
    'grpc.max_connection_idle_ms': settings.SOMA_KEEP_ALIVE_TIMEOUT * 1000,
    'grpc.keepalive_time_ms': KEEPALIVE_MS,
    'grpc.keepalive_timeout_ms': KEEPALIVE_TIMEOUT_MS,
    'grpc.enable_channelz': 0,
  };
}

/** Tells what there is to who asks; the library reads no more of a package than these descriptors. */
function reflection(): ReflectionService {
  const files = [FILE, ...FILE.dependencies].map((file) =>
    Buffer.from(toBinary(FileDescriptorProtoSchema, file.proto)),
  );
  const descriptors = {
    format: 'Protocol Buffer 3 DescriptorProto' as const,
    type: {},
    fileDescriptorProtos: files,
  };
  return new ReflectionService({ [MemoryService.typeName]: descriptors });
}
