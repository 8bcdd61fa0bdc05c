import { stat } from 'node:fs/promises';
import { Refused } from '../api.js';
import { show, type CommandContext } from '../command-context.js';
import { CommandFailed, EXIT, type ExitCode } from '../exit-codes.js';
import { configFile } from '../settings.js';
import { tableOf } from '../table.js';
import { pathOf } from './memories.js';

interface Finding {
  check: string;
  ok: boolean;
  found: string;
  /** What to do when it is not. */
  advice?: string;
}

const MOST_SKEW_MS = 5_000;

const ADVICE: Record<string, string> = {
  event_log: 'Is Kafka up, and SOMA_KAFKA_BROKERS right? Writes are refused until then.',
  store: 'Is Postgres up, and SOMA_POSTGRES_URL right? Has `npm run migrate` been run?',
  query: 'Is the query service up, and SOMA_QUERY_URL right? Reads and searches fail until then.',
  index: 'Is Qdrant up, and SOMA_QDRANT_URL right? Searches answer by words alone until then.',
  cache: 'Is Redis up, and SOMA_REDIS_URL right? Until then all works, more slowly.',
  limiter: 'Is Redis up, and SOMA_REDIS_URL right? Until then limits count in each gateway for itself.',
  embedder: 'Does the embedder answer at SOMA_EMBEDDER_URL? Searches answer by words alone until then.',
};

/** Looks at everything between this command and its memories, and says what to do about what is wrong. */
export async function doctor(context: CommandContext, { write }: { write?: boolean }): Promise<ExitCode> {
  const findings = [...(await ofSettings(context)), ...(await ofService(context))];
  if (write === true && findings.every(({ ok }) => ok)) findings.push(await ofWriting(context));
  show(context, findings, () => {
    const table = tableOf(
      ['', 'check', 'found'],
      findings.map(({ ok, check, found }) => [ok ? 'ok' : 'WRONG', check, found]),
    );
    const advice = findings.flatMap(({ ok, check, advice: what }) =>
      ok || what === undefined ? [] : `${check}: ${what}`,
    );
    return [table, ...advice].join('\n');
  });
  return findings.every(({ ok }) => ok) ? EXIT.ok : EXIT.refused;
}

async function ofSettings({ settings, terminal }: CommandContext): Promise<Finding[]> {
  const { url, token, namespace } = settings;
  const file = configFile(terminal);
  const mode = await stat(file).then(
    (found) => found.mode,
    () => undefined,
  );
  const isOpen = mode !== undefined && (mode & 0o077) !== 0 && token?.from === file;
  return [
    { check: 'url', ok: true, found: `${url.value} (${url.from})` },
    {
      check: 'token',
      ok: token !== undefined,
      found: token === undefined ? 'none' : `from ${token.from}`,
      advice:
        'Give --token, SOMA_API_TOKEN or SOMA_API_TOKEN_FILE; a standalone keeps its own in data/api-token.',
    },
    {
      check: 'namespace',
      ok: true,
      found: namespace === undefined ? "the token's own" : `${namespace.value} (${namespace.from})`,
    },
    {
      check: 'config file',
      ok: !isOpen,
      found: mode === undefined ? 'none' : file,
      advice: `Others can read the token in it: chmod 600 ${file}`,
    },
  ];
}

async function ofService(context: CommandContext): Promise<Finding[]> {
  const { api } = context;
  try {
    const sent = Date.now();
    const { headers } = await api.call('GET', '/ping', { anonymous: true });
    const findings = [{ check: 'reached', ok: true, found: `in ${Date.now() - sent} ms` }];
    return [...findings, clockOf(headers), ...(await dependencies(context)), await ofToken(context)];
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
    const advice = 'Start it (npm start), or say where it is: --url, SOMA_URL.';
    return [{ check: 'reached', ok: false, found: firstLine(error), advice }];
  }
}

function clockOf(headers: Headers): Finding {
  const skew = Date.now() - Date.parse(headers.get('date') ?? '');
  return {
    check: 'clock',
    ok: Number.isNaN(skew) || Math.abs(skew) < MOST_SKEW_MS,
    found: Number.isNaN(skew) ? 'the service tells no time' : `${Math.round(Math.abs(skew) / 1000)} s apart`,
    advice: 'Set the clocks by NTP: times that are given would be taken for others.',
  };
}

async function dependencies({ api }: CommandContext): Promise<Finding[]> {
  const answer = await api.call<{ dependencies?: Record<string, boolean> }>('GET', '/readyz', {
    anonymous: true,
    accepts: [503],
  });
  return Object.entries(answer.body.dependencies ?? {}).map(([name, up]) => ({
    check: name,
    ok: up,
    found: up ? 'answers' : 'does not answer',
    ...(ADVICE[name] === undefined ? {} : { advice: ADVICE[name] }),
  }));
}

async function ofToken({ api, settings }: CommandContext): Promise<Finding> {
  if (settings.token === undefined) return { check: 'access', ok: false, found: 'not tried without a token' };
  try {
    await api.call('POST', '/memories/count', { body: {} });
    return { check: 'access', ok: true, found: 'may read the namespace' };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    const advice =
      error.status === 401
        ? `The service does not know the token from ${settings.token.from}. Was it revoked, or is it of another service?`
        : 'The token does not enter this namespace: --namespace, or another token.';
    return { check: 'access', ok: false, found: firstLine(error), advice };
  }
}

/** Makes a memory, reads and finds it, and removes it. */
async function ofWriting({ api }: CommandContext): Promise<Finding> {
  const coord = `soma.doctor.${Date.now().toString(36)}`;
  const began = performance.now();
  try {
    const body = { text: 'soma doctor was here', ttl_seconds: 60 };
    await api.call('PUT', pathOf(coord), { body, query: { until: 'indexed' } });
    await api.call('GET', pathOf(coord));
    await api.call('DELETE', pathOf(coord), { query: { until: 'indexed' } });
    const ms = Math.round(performance.now() - began);
    return { check: 'writing', ok: true, found: `written, found, read and deleted in ${ms} ms` };
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
    return {
      check: 'writing',
      ok: false,
      found: firstLine(error),
      advice: 'See the code in docs/errors.md.',
    };
  }
}

function firstLine({ message }: Error): string {
  return message.split('\n')[0] ?? message;
}
