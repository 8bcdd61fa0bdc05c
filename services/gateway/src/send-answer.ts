import type { Request, Response } from 'express';
import type { Problem } from './problem.js';
import { RequestRefused } from './refusal.js';
import type { Answer } from './route.js';
import { sendStream } from './send-stream.js';

/** Sends an answer with its length; Node leaves the body out for HEAD and 304. */
export function sendAnswer(response: Response, answer: Answer): void {
  response.status(answer.status).set(answer.headers ?? {});
  if (answer.stream !== undefined) {
    response.setHeader('Content-Type', answer.content_type ?? 'application/octet-stream');
    if (response.req.method === 'HEAD') response.end();
    else void sendStream(response, answer.stream);
  } else if (answer.text !== undefined)
    send(response, answer.content_type ?? 'text/plain; charset=utf-8', answer.text);
  else if (answer.body !== undefined) send(response, 'application/json', JSON.stringify(answer.body));
  else response.end();
}

export function sendProblem(response: Response, problem: Problem, headers: Record<string, string>): void {
  response.status(problem.status).set(headers);
  send(response, 'application/problem+json', JSON.stringify(problem));
}

function send(response: Response, contentType: string, text: string): void {
  const body = Buffer.from(text);
  response.setHeader('Content-Type', contentType);
  response.setHeader('Content-Length', body.length);
  response.end(body);
}

/** The media type that Accept prefers. @throws RequestRefused not_acceptable when it leaves out all that a route answers with */
export function checkAcceptable(request: Request, ...mediaTypes: string[]): string {
  const accepted = request.accepts(mediaTypes);
  if (typeof accepted === 'string') return accepted;
  throw new RequestRefused('not_acceptable', `this route answers with ${mediaTypes.join(' or ')}`);
}
