import type { IncomingMessage } from 'node:http';
import type { ServerUnaryCall, ServerWritableStream } from '@grpc/grpc-js';
import { RequestRefused } from '../refusal.js';
import type { AskHttp, InnerRequest } from './in-process-http.js';
import { headersOf } from './metadata.js';

/** Asks the HTTP face as the caller of a call: its metadata, its address, and gone when it is or its deadline is over. */
export function askForCall(
  ask: AskHttp,
  request: InnerRequest,
  call: ServerUnaryCall<unknown, unknown> | ServerWritableStream<unknown, unknown>,
): Promise<IncomingMessage> {
  const gone = new AbortController();
  const leave = (): void => {
    gone.abort(new RequestRefused('request_timeout', 'the caller is gone'));
  };
  if (call.cancelled) leave();
  else call.once('cancelled', leave);
  const headers = { ...headersOf(call.metadata), ...request.headers };
  return ask({ ...request, headers }, { address: addressOf(call.getPeer()), signal: gone.signal });
}

/** `address:port`; IPv6 without brackets. */
function addressOf(peer: string): string {
  return peer.slice(0, peer.lastIndexOf(':'));
}
