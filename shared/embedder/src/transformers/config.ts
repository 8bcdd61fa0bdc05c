import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism, homedir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { SomaError } from '@soma/memory';
import type { TransformerConfig } from './load-transformer.js';

export interface TransformersEmbedderConfig {
  /** A folder (config.json, tokenizer.json, onnx/model_quantized.onnx or onnx/model.onnx), or an id at the hub. */
  model?: string | undefined;
  /** Needed for an id at the hub other than the default; else found. Must be what the model gives. */
  dimension?: number | undefined;
  /** Where files from the hub are kept. Default: ~/.cache/soma/models. */
  cacheDir?: string;
  /** What `import` finds the library by. Default: @huggingface/transformers, as installed beside the program. */
  library?: string;
}

export interface Settings {
  /** The name recorded with vectors: the quantization changes them, so it belongs to it. */
  model: string;
  dimension: number;
  thread: TransformerConfig;
}

const DEFAULT = { model: 'Xenova/all-MiniLM-L6-v2', dimension: 384 };

/** @throws invalid_configuration when the folder lacks something or the dimension cannot be known */
export function settingsOf(config: TransformersEmbedderConfig): Settings {
  const { model = DEFAULT.model } = config;
  const folder = resolve(model);
  const local = existsSync(folder);
  const dtype = local && !existsSync(join(folder, 'onnx', 'model_quantized.onnx')) ? 'fp32' : 'q8';
  const known = local ? hiddenSize(folder) : model === DEFAULT.model ? DEFAULT.dimension : undefined;
  const dimension = config.dimension ?? known;
  if (dimension === undefined) {
    throw new SomaError(
      'invalid_configuration',
      `SOMA_EMBEDDER_DIMENSION is needed: ${local ? `${folder}/config.json` : model} does not say how long its vectors are`,
    );
  }
  return {
    model: `${local ? basename(folder) : model}-${dtype}`,
    dimension,
    thread: {
      library: config.library ?? '@huggingface/transformers',
      model: local ? { folder } : { hubId: model },
      cacheDir: config.cacheDir ?? join(homedir(), '.cache', 'soma', 'models'),
      dtype,
      threads: Math.max(1, Math.floor(availableParallelism() / 2)),
    },
  };
}

function hiddenSize(folder: string): number | undefined {
  try {
    const { hidden_size, dim } = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8')) as {
      hidden_size?: number;
      dim?: number;
    };
    return hidden_size ?? dim;
  } catch (cause) {
    throw new SomaError('invalid_configuration', `${folder} has no readable config.json`, { cause });
  }
}
