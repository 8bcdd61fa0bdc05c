import { resolve } from 'node:path';

/** npm runs scripts in the root of the checkout, wherever it was called: a path is the caller's. */
export function callersPath(path: string): string {
  return resolve(process.env['INIT_CWD'] ?? '.', path);
}
