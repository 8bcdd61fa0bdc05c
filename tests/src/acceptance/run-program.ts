import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from '../system/index.js';

/** `soma` as it is installed. */
export const SOMA = join(ROOT, 'node_modules', '.bin', 'soma');

export interface Ended {
  exitCode: number;
  out: string;
  notes: string;
}

/** Settings of whoever runs the tests do not reach the program. */
export function run(program: string, line: string[], env: Record<string, string>): Promise<Ended> {
  const { PATH = '' } = process.env;
  const folder = join(ROOT, 'tests');
  return new Promise((resolve) => {
    execFile(program, line, { cwd: folder, env: { PATH, ...env } }, (error, out, notes) => {
      const exitCode = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      resolve({ exitCode, out, notes });
    });
  });
}
