import { status, type handleUnaryCall, type ServerUnaryCall } from '@grpc/grpc-js';
import { askForCall } from './ask-for-call.js';
import type { AskHttp } from './in-process-http.js';

interface HealthRequest {
  service: string;
}
interface HealthResponse {
  status: 'SERVING' | 'NOT_SERVING';
}

/** grpc.health.v1: whether the process can do its work, as /readyz has it; not while it is stopping. Needs no token. */
export function health(
  ask: AskHttp,
  services: readonly string[],
): handleUnaryCall<HealthRequest, HealthResponse> {
  return (call, callback) => {
    const { service } = call.request;
    if (service !== '' && !services.includes(service)) {
      callback({ code: status.NOT_FOUND, details: 'there is no such service' });
      return;
    }
    check(ask, call).then(
      (answer) => {
        callback(null, answer);
      },
      () => {
        callback({ code: status.UNAVAILABLE, details: 'the state could not be read' });
      },
    );
  };
}

async function check(
  ask: AskHttp,
  call: ServerUnaryCall<HealthRequest, HealthResponse>,
): Promise<HealthResponse> {
  const answer = await askForCall(ask, { method: 'GET', target: '/readyz', headers: {} }, call);
  answer.resume();
  return { status: answer.statusCode === 200 ? 'SERVING' : 'NOT_SERVING' };
}
