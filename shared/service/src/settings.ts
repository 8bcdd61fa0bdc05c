import { readFileSync } from 'node:fs';
import { SomaError } from '@soma/memory';
import type { z } from 'zod';
import { describeSettings, type SettingRow } from './setting.js';

export type Environment = Record<string, string | undefined>;

/**
 * Reads the settings of a schema whose keys are the names of environment variables. A secret may instead stand in
 * a file named by `<NAME>_FILE`, read once, without its last line break.
 *
 * @throws SomaError invalid_configuration with every problem found, one a line: name, what is wrong, an example.
 *   The message never holds the value of a secret.
 */
export function loadSettings<Schema extends z.ZodObject>(
  schema: Schema,
  env: Environment = process.env,
): z.output<Schema> {
  const rows = new Map(describeSettings(schema).map((row) => [row.name, row]));
  const problems = new Map<string, string>();
  const texts: Environment = {};
  for (const row of rows.values()) {
    const found = row.secret ? readSecret(row.name, env) : { text: env[row.name] };
    if ('problem' in found) problems.set(row.name, found.problem);
    else texts[row.name] = found.text;
  }

  const parsed = schema.safeParse(texts);
  for (const issue of parsed.error?.issues ?? []) {
    const name = String(issue.path[0] ?? 'settings');
    if (!problems.has(name)) problems.set(name, wordProblem(issue.message, texts[name], rows.get(name)));
  }
  if (problems.size > 0) throw new SomaError('invalid_configuration', listProblems(problems, rows));
  if (!parsed.success) throw parsed.error;
  return parsed.data;
}

/** The file that a secret is given by, for what reads it again; undefined when it is given otherwise. */
export function secretFile(name: string, env: Environment = process.env): string | undefined {
  return env[`${name}_FILE`];
}

function readSecret(name: string, env: Environment): { text: string | undefined } | { problem: string } {
  const fileName = `${name}_FILE`;
  const value = env[name];
  const path = env[fileName];
  if (value !== undefined && path !== undefined) {
    return { problem: `is set, and so is ${fileName}: keep one of them` };
  }
  if (path !== undefined) return readSecretFile(name, path);
  return value?.trim() === ''
    ? { problem: `is empty: give it a value, or a file by ${fileName}` }
    : { text: value };
}

function readSecretFile(name: string, path: string): { text: string } | { problem: string } {
  let text: string;
  try {
    text = readFileSync(path, 'utf8').replace(/\r?\n$/, '');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return { problem: `cannot be read from the file that ${name}_FILE names (${code ?? 'unreadable'})` };
  }
  return text.trim() === '' ? { problem: `is empty in the file that ${name}_FILE names` } : { text };
}

function wordProblem(message: string, text: string | undefined, row: SettingRow | undefined): string {
  if (text === undefined && row?.required === true)
    return row.secret ? `is not set, nor is ${row.name}_FILE` : 'is not set';
  // A refinement may quote what it was given.
  if (row?.secret === true && text !== undefined && message.includes(text)) return 'is not valid';
  return message;
}

function listProblems(problems: Map<string, string>, rows: Map<string, SettingRow>): string {
  const lines = [...problems].map(([name, problem]) => {
    const row = rows.get(name);
    return `  ${name} ${problem}${row === undefined ? '' : `; for example ${name}=${row.example}`}`;
  });
  return [
    problems.size === 1 ? 'One setting is wrong:' : `${problems.size} settings are wrong:`,
    ...lines,
  ].join('\n');
}
