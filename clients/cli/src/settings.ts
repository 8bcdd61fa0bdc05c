import { readFile } from 'node:fs/promises';
import { isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CommandFailed, EXIT } from './exit-codes.js';
import type { Terminal } from './terminal.js';

/** Options that every command has. */
export interface GlobalOptions {
  url?: string;
  token?: string;
  namespace?: string;
  json?: boolean;
}

/** A value and where it was found, for messages. */
export interface Found {
  value: string;
  from: string;
}

export interface Settings {
  url: Found;
  /** Undefined when none was found; `tokenHint` then says where was looked. */
  token: Found | undefined;
  namespace: Found | undefined;
}

const DEFAULT_URL = 'http://127.0.0.1:40020';
const CONFIG_KEYS = ['url', 'token', 'token_file', 'namespace'] as const;
type Config = Partial<Record<(typeof CONFIG_KEYS)[number], string>>;

/** The checkout that this file is in, from src and dist alike. */
const CHECKOUT = fileURLToPath(new URL('../../..', import.meta.url));

export const SETTINGS_HELP = `
Where it is and who you are, the first that is given:
  URL        --url, SOMA_URL, "url" of the config file, ${DEFAULT_URL}
  token      --token (seen by others in the list of processes), SOMA_API_TOKEN, SOMA_API_TOKEN_FILE,
             "token" or "token_file" of the config file, data/api-token of a standalone on this machine
  namespace  --namespace, SOMA_NAMESPACE, "namespace" of the config file, the token's own
Config file: ~/.config/soma/config.json, as in {"url": "https://memory.example.com", "token_file": "~/.soma-token"}`;

export const TOKEN_HINT =
  'no token: give --token, SOMA_API_TOKEN or SOMA_API_TOKEN_FILE, or "token" in ~/.config/soma/config.json; ' +
  'a standalone keeps its token in data/api-token';

/** Options before environment before config file before what a checkout has. */
export async function findSettings(options: GlobalOptions, terminal: Terminal): Promise<Settings> {
  const config = await readConfig(terminal);
  const { env } = terminal;
  const url = first(options.url, '--url') ??
    first(env['SOMA_URL'], 'SOMA_URL') ??
    first(config.values.url, config.file) ?? { value: DEFAULT_URL, from: 'the default' };
  const checked = { ...url, value: checkUrl(url) };
  return {
    url: checked,
    token:
      first(options.token, '--token') ??
      (await tokenOfEnv(terminal)) ??
      first(config.values.token, config.file) ??
      (await tokenInFile(config.values.token_file, terminal, config.file)) ??
      (await tokenOfStandalone(checked.value, terminal)),
    namespace:
      first(options.namespace, '--namespace') ??
      first(env['SOMA_NAMESPACE'], 'SOMA_NAMESPACE') ??
      first(config.values.namespace, config.file),
  };
}

function first(value: string | undefined, from: string): Found | undefined {
  return value === undefined || value === '' ? undefined : { value, from };
}

function checkUrl({ value, from }: Found): string {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url === undefined || !['http:', 'https:'].includes(url.protocol)) {
    throw new CommandFailed(EXIT.usage, `${from}: ${value} is no URL; write it as in ${DEFAULT_URL}`);
  }
  if (url.username !== '' || url.password !== '') {
    throw new CommandFailed(EXIT.usage, `${from}: a token does not belong in the URL; see soma --help`);
  }
  return value.replace(/\/+$/, '');
}

function tokenOfEnv(terminal: Terminal): Promise<Found | undefined> {
  const { SOMA_API_TOKEN: token, SOMA_API_TOKEN_FILE: file } = terminal.env;
  const given = first(token, 'SOMA_API_TOKEN');
  return given === undefined ? tokenInFile(file, terminal, 'SOMA_API_TOKEN_FILE') : Promise.resolve(given);
}

async function tokenInFile(
  name: string | undefined,
  { home, folder }: Terminal,
  namedBy: string,
): Promise<Found | undefined> {
  if (name === undefined || name === '') return undefined;
  const expanded = name.startsWith('~/') ? join(home, name.slice(2)) : name;
  const file = resolve(folder, expanded);
  try {
    return first((await readFile(file, 'utf8')).trim(), file);
  } catch (cause) {
    const why = (cause as NodeJS.ErrnoException).code ?? 'unreadable';
    throw new CommandFailed(EXIT.usage, `${namedBy}: the token file ${file} cannot be read (${why})`, {
      cause,
    });
  }
}

/** The token that a standalone made for itself is of use on this machine only, and is sent to no other. */
async function tokenOfStandalone(url: string, { env, folder }: Terminal): Promise<Found | undefined> {
  const { hostname } = new URL(url);
  if (!/^(127\.\d+\.\d+\.\d+|localhost|\[::1\])$/.test(hostname)) return undefined;
  const data = env['SOMA_DATA_DIR'] ?? 'data';
  const folders = isAbsolute(data) ? [data] : [join(folder, data), join(CHECKOUT, data)];
  for (const candidate of folders) {
    const file = join(candidate, 'api-token');
    const text = await readFile(file, 'utf8').catch(() => '');
    const found = first(text.trim(), file);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Where the config file is, or would be. */
export function configFile({ env, home }: Terminal): string {
  const base = env['XDG_CONFIG_HOME'];
  return join(base === undefined || base === '' ? join(home, '.config') : base, 'soma', 'config.json');
}

async function readConfig(terminal: Terminal): Promise<{ file: string; values: Config }> {
  const file = configFile(terminal);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { file, values: {} };
    throw new CommandFailed(EXIT.usage, `${file} cannot be read`, { cause: error });
  }
  return { file, values: parseConfig(text, file) };
}

function parseConfig(text: string, file: string): Config {
  let values: unknown;
  try {
    values = JSON.parse(text);
  } catch (cause) {
    throw new CommandFailed(EXIT.usage, `${file} is no JSON`, { cause });
  }
  const known: readonly string[] = CONFIG_KEYS;
  const entries = typeof values === 'object' && values !== null ? Object.entries(values) : [];
  const wrong = entries.find(([key, value]) => !known.includes(key) || typeof value !== 'string');
  if (typeof values !== 'object' || values === null || Array.isArray(values) || wrong !== undefined) {
    const where = wrong === undefined ? '' : `; "${wrong[0]}" is not one of them or no text`;
    throw new CommandFailed(EXIT.usage, `${file} holds an object of ${CONFIG_KEYS.join(', ')}${where}`);
  }
  return values;
}
