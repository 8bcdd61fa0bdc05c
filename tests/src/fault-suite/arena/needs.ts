import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startOptional, startQdrantStandIn } from '@soma/testing';
import type { Need } from '../fault.js';
import { whyNoSmallDisk } from '../tools/small-disk.js';

/** Why an arena cannot have it on this machine; undefined when it can. */
export async function whyNot(need: Need): Promise<string | undefined> {
  switch (need) {
    case 'own-embedder':
      return undefined;
    case 'small-disk':
      return withFolder(whyNoSmallDisk);
    case 'qdrant':
      return whyNoQdrant();
  }
}

async function whyNoQdrant(): Promise<string | undefined> {
  if (process.env['SOMA_QDRANT_URL'] !== undefined) return undefined;
  const standIn = await startOptional('qdrant', 'python3 (or qdrant-client, from PyPI)', startQdrantStandIn);
  await standIn?.stop();
  return standIn === undefined ? 'neither a Qdrant (SOMA_QDRANT_URL) nor its stand-in can be had' : undefined;
}

async function withFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'soma-need-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
