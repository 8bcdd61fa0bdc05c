import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import type { CallToolResult, ToolAnnotations } from '@modelcontextprotocol/sdk/types.js';
import { SomaError, type SomaApi } from '@somafractalmemory/client';
import type { z, ZodRawShape } from 'zod';
import { AS_DATA } from './present.js';
import type { Scope } from './settings.js';

/** What tools work with. */
export interface Toolbox {
  /** A session: what an agent wrote is in what it recalls. */
  memories: SomaApi;
  scope: Scope;
  /** Where the service is, for messages. */
  url: string;
}

export interface Tool<Input extends ZodRawShape, Output extends ZodRawShape> {
  name: string;
  title: string;
  description: string;
  annotations: ToolAnnotations;
  input: Input;
  output: Output;
  run: (
    asked: z.output<z.ZodObject<Input>>,
    toolbox: Toolbox,
    signal: AbortSignal,
  ) => Promise<z.input<z.ZodObject<Output>>>;
}

/** A failure is a result that a model can act on, never an error of the protocol. */
export function addTool<Input extends ZodRawShape, Output extends ZodRawShape>(
  server: McpServer,
  { name, title, description, annotations, input, output, run }: Tool<Input, Output>,
  toolbox: Toolbox,
): void {
  const call = async (asked: unknown, { signal }: { signal: AbortSignal }): Promise<CallToolResult> => {
    try {
      const answer = await run(asked as z.output<z.ZodObject<Input>>, toolbox, signal);
      const text = JSON.stringify(answer, null, 1);
      return {
        content: [{ type: 'text', text: annotations.readOnlyHint === true ? `${AS_DATA}\n${text}` : text }],
        structuredContent: answer,
      };
    } catch (error) {
      return { isError: true, content: [{ type: 'text', text: whyNot(error, toolbox) }] };
    }
  };
  const config = { title, description, annotations, inputSchema: input, outputSchema: output };
  // The SDK infers the arguments from the schema; here they are known by Tool.
  server.registerTool(name, config as never, call as never);
}

/** Something the model should do otherwise. */
export class CannotDo extends Error {
  override readonly name = 'CannotDo';
}

function whyNot(error: unknown, { url }: Toolbox): string {
  if (error instanceof CannotDo) return error.message;
  if (!(error instanceof SomaError)) return 'It failed, for a reason that is not known here.';
  if (error.code === 'unreachable')
    return `The memory service does not answer at ${url} (SOMA_URL). Go on without memories, and tell the user.`;
  if (error.code === 'missing_token' || error.code === 'invalid_token')
    return `${error.message}. The token of this server (SOMA_API_TOKEN) is not accepted at ${url}; tell the user.`;
  return error.retryable ? `${error.message}. It may work in a moment.` : error.message;
}
