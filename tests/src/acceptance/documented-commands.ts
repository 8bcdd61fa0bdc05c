import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { JsonObject } from '@soma/memory';
import { ROOT } from '../system/index.js';
import { target, type Target } from './client.js';

const run = promisify(execFile);

/** The curl lines of a page as they stand, continued lines joined; some put what they find into a variable. */
export function curlLines(page: string): string[] {
  return linesIn(readFileSync(join(ROOT, page), 'utf8'));
}

/** Those of one part of a page, which begins with this heading. */
export function curlLinesUnder(page: string, heading: string): string[] {
  const parts = readFileSync(join(ROOT, page), 'utf8').split(/^## /m);
  return linesIn(parts.find((part) => part.startsWith(`${heading}\n`)) ?? '');
}

function linesIn(text: string): string[] {
  return [...text.matchAll(/```sh\n([\s\S]*?)```/g)]
    .flatMap(([, block = '']) => block.replaceAll('\\\n', ' ').split('\n'))
    .filter((line) => /^(?:[A-Z_]+=\$\()?curl /.test(line));
}

/** Where commands leave their files. */
const FOLDER = mkdtempSync(join(tmpdir(), 'soma-commands-'));
process.once('exit', () => {
  rmSync(FOLDER, { recursive: true, force: true });
});

export interface Pasting {
  /** The system under test unless told otherwise. */
  at?: Target;
  /** What earlier lines put into variables, and this one may. */
  variables?: Record<string, string>;
}

/** What a line answers, nothing when it goes to a file or a variable, when it is pasted beside a system, where no other page writes. */
export async function paste(
  line: string,
  namespace: string,
  { at = target(), variables = {} }: Pasting = {},
): Promise<JsonObject> {
  const pasted = line
    .replaceAll('http://127.0.0.1:40020', at.url)
    .replace(/(^|\()curl /, `$1curl -H 'Soma-Namespace: ${namespace}' `);
  const [, variable] = /^([A-Z_]+)=/.exec(line) ?? [];
  const script = variable === undefined ? pasted : `${pasted}; printf %s "$${variable}"`;
  const { stdout } = await run('bash', ['-c', script], {
    cwd: FOLDER,
    env: { ...process.env, ...variables, TOKEN: at.token },
    maxBuffer: 1e8,
  });
  if (variable === undefined) return JSON.parse(stdout === '' ? '{}' : stdout) as JsonObject;
  if (stdout === '') throw new Error(`${line} found nothing`);
  variables[variable] = stdout;
  return {};
}
