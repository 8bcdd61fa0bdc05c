import { readFile, readdir } from 'node:fs/promises';

const MIB = 1024;

/**
 * Mebibytes of a process and all it started, shared pages divided among those who share them (PSS). Undefined where
 * /proc does not say (only Linux does).
 */
export async function residentMib(pid: number): Promise<number | undefined> {
  const family = [pid, ...(await descendantsOf(pid))];
  const sizes = await Promise.all(family.map(pssKib));
  const known = sizes.filter((size) => size !== undefined);
  return known.length === 0 ? undefined : known.reduce((sum, size) => sum + size, 0) / MIB;
}

async function pssKib(pid: number): Promise<number | undefined> {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '');
  const match = /^Pss:\s+(\d+) kB$/m.exec(text);
  return match === null ? undefined : Number(match[1]);
}

async function descendantsOf(pid: number): Promise<number[]> {
  const tasks = await readdir(`/proc/${pid}/task`).catch(() => []);
  const lists = await Promise.all(
    tasks.map((task) => readFile(`/proc/${pid}/task/${task}/children`, 'utf8').catch(() => '')),
  );
  const children = lists.flatMap((list) => list.split(' ').filter(Boolean).map(Number));
  return [...children, ...(await Promise.all(children.map(descendantsOf))).flat()];
}
