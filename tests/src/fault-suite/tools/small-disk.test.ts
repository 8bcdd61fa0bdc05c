import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mountSmallDisk, whyNoSmallDisk } from './small-disk.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'soma-disk-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('a small disk is full until it is freed, or says why there can be none', async () => {
  const why = await whyNoSmallDisk(folder);
  if (why !== undefined) {
    expect(why).toBe('this user may not mount a tmpfs');
    return;
  }
  const disk = await mountSmallDisk(join(folder, 'disk'), 2);
  try {
    await disk.fill();
    await expect(writeFile(join(disk.path, 'file'), Buffer.alloc(4_096))).rejects.toThrow('ENOSPC');
    await disk.free();
    await writeFile(join(disk.path, 'file'), Buffer.alloc(4_096));
  } finally {
    await disk.stop();
  }
});
