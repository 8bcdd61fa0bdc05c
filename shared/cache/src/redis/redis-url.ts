import { SomaError } from '@soma/memory';

export interface RedisAddress {
  host: string;
  port: number;
}

interface Login {
  username?: string;
  password?: string;
  tls: boolean;
}

/** Where Redis is and in which of its three forms. */
export type RedisTarget =
  | (Login & { mode: 'standalone'; address: RedisAddress; db: number })
  | (Login & {
      mode: 'sentinel';
      sentinels: RedisAddress[];
      master: string;
      db: number;
      sentinelPassword?: string;
    })
  | (Login & { mode: 'cluster'; nodes: RedisAddress[] });

const URL_FORM =
  /^(redis|rediss)(?:\+(sentinel|cluster))?:\/\/(?:([^@/?]*)@)?([^@/?]+)(?:\/([^/?]*))?(?:\?(.*))?$/;
const DEFAULT_PORTS = { standalone: 6379, sentinel: 26379, cluster: 6379 };

/**
 * The three forms, each also with `rediss` for TLS:
 *
 * - `redis://user:password@host:6379/0`
 * - `redis+sentinel://user:password@host:26379,host:26379/master-name?db=0&sentinel_password=…`
 * - `redis+cluster://user:password@host:6379,host:6379`
 *
 * @throws invalid_configuration, without the text in it, for it holds a password.
 */
export function parseRedisUrl(text: string): RedisTarget {
  const match = URL_FORM.exec(text);
  if (match === null) throw invalid('is not redis://, redis+sentinel:// or redis+cluster:// with a host');
  const [, scheme, form, userinfo, hosts = '', path = '', query = ''] = match;
  const mode = form === 'sentinel' || form === 'cluster' ? form : 'standalone';
  const addresses = hosts.split(',').map((host) => parseAddress(host, DEFAULT_PORTS[mode]));
  const login = parseLogin(userinfo, scheme === 'rediss');
  const parameters = new URLSearchParams(query);
  if (mode === 'cluster') {
    if (path !== '' && path !== '0') throw invalid('of a cluster names a database; a cluster has only 0');
    return { ...login, mode, nodes: addresses };
  }
  if (mode === 'sentinel') {
    if (path === '') throw invalid('of Sentinel lacks the name of the master after the hosts');
    const sentinelPassword = parameters.get('sentinel_password');
    return {
      ...login,
      mode,
      sentinels: addresses,
      master: decodeURIComponent(path),
      db: parseDatabase(parameters.get('db') ?? '0'),
      ...(sentinelPassword === null ? {} : { sentinelPassword }),
    };
  }
  const [address] = addresses;
  if (address === undefined || addresses.length > 1)
    throw invalid('has several hosts; those need +cluster or +sentinel');
  return { ...login, mode, address, db: parseDatabase(path === '' ? '0' : path) };
}

function parseLogin(userinfo: string | undefined, tls: boolean): Login {
  if (userinfo === undefined || userinfo === '') return { tls };
  const colon = userinfo.indexOf(':');
  const username = decode(colon < 0 ? userinfo : userinfo.slice(0, colon));
  const password = colon < 0 ? '' : decode(userinfo.slice(colon + 1));
  return { tls, ...(username === '' ? {} : { username }), ...(password === '' ? {} : { password }) };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    throw invalid('has a % in its user or password that is not an escape', cause);
  }
}

const ADDRESS = /^(\[[0-9a-fA-F:.]+\]|[^:[\]]+)(?::([0-9]{1,5}))?$/;

function parseAddress(text: string, defaultPort: number): RedisAddress {
  const match = ADDRESS.exec(text);
  const port = Number(match?.[2] ?? defaultPort);
  if (match?.[1] === undefined || port < 1 || port > 65_535)
    throw invalid('has a host or a port that is none');
  return { host: match[1].replace(/^\[|\]$/g, ''), port };
}

function parseDatabase(text: string): number {
  if (!/^[0-9]{1,5}$/.test(text)) throw invalid('has a database that is not a number');
  return Number(text);
}

function invalid(what: string, cause?: unknown): SomaError {
  return new SomaError('invalid_configuration', `the URL of Redis ${what}`, { cause });
}
