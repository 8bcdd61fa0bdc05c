import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { beforeAll, expect, test } from '@jest/globals';
import { type } from './test/typed-line.js';

const run = promisify(execFile);

let script: string;
beforeAll(async () => {
  script = (await type(['completion', 'bash'])).out;
});

/** What bash offers behind these words, the last of which is begun. */
async function offered(...words: string[]): Promise<string[]> {
  const array = words.map((word) => `'${word}'`).join(' ');
  const ask = `${script}\nCOMP_WORDS=(soma ${array}); COMP_CWORD=${words.length}; _soma; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout } = await run('bash', ['--norc', '-c', ask]);
  return stdout.trim().split('\n');
}

test('bash completes commands, commands inside commands, aliases, options and values', async () => {
  expect(await offered('sea')).toEqual(['search']);
  expect(await offered('recal')).toEqual(['recall']);
  expect(await offered('dead-letters', 're')).toEqual(['redrive']);
  expect(await offered('put', 'ada.tea', '--unt')).toEqual(['--until']);
  expect(await offered('put', 'ada.tea', '--until', '')).toEqual(['accepted', 'stored', 'indexed']);
  expect(await offered('--namespace', 'a', 'neighbors', 'a', '--direction', 'o')).toEqual(['out']);
  expect(await offered('get', '--js')).toEqual(['--json']);
});

test.each(['zsh', 'fish'])('%s gets a script too', async (shell) => {
  const { exitCode, out } = await type(['completion', shell]);
  expect(exitCode).toBe(0);
  for (const word of ['dead-letters', 'neighbors', 'accepted stored indexed']) expect(out).toContain(word);
});

test('another shell is refused', async () => {
  expect(await type(['completion', 'tcsh'])).toMatchObject({ exitCode: 2 });
});
