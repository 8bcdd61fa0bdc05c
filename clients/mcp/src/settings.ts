import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Whose memories the tools keep, unless a call says otherwise. */
export interface Scope {
  user_id: string | undefined;
  agent_id: string | undefined;
  thread_id: string | undefined;
}

export interface Settings {
  url: string;
  token: string;
  namespace: string | undefined;
  scope: Scope;
}

/** The server cannot start; the message says what to do. */
export class BadSettings extends Error {
  override readonly name = 'BadSettings';
}

const DEFAULT_URL = 'http://127.0.0.1:40020';

/**
 * From the environment, under the names that `soma` has for them.
 * @throws BadSettings
 */
export function settingsFrom(env: NodeJS.ProcessEnv): Settings {
  return {
    url: given(env, 'SOMA_URL') ?? DEFAULT_URL,
    token: tokenFrom(env),
    namespace: given(env, 'SOMA_NAMESPACE'),
    scope: {
      user_id: given(env, 'SOMA_USER_ID'),
      agent_id: given(env, 'SOMA_AGENT_ID'),
      thread_id: given(env, 'SOMA_THREAD_ID'),
    },
  };
}

function tokenFrom(env: NodeJS.ProcessEnv): string {
  const token = given(env, 'SOMA_API_TOKEN');
  if (token !== undefined) return token;
  const file = given(env, 'SOMA_API_TOKEN_FILE');
  if (file === undefined) {
    throw new BadSettings('no token: set SOMA_API_TOKEN, or SOMA_API_TOKEN_FILE to a file that holds it');
  }
  try {
    return readFileSync(file.startsWith('~/') ? join(homedir(), file.slice(2)) : file, 'utf8').trim();
  } catch (cause) {
    throw new BadSettings(`SOMA_API_TOKEN_FILE: ${file} cannot be read`, { cause });
  }
}

/** An empty value is none: configurations of agents have such lines. */
function given(env: NodeJS.ProcessEnv, name: string): string | undefined {
  const value = env[name]?.trim();
  return value === '' ? undefined : value;
}
