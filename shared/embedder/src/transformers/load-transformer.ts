import { basename, dirname } from 'node:path';
import { UnusableModel, type LocalModel } from '../local/protocol.js';
import type { Library } from './library.js';
import { meanPooling } from './mean-pooling.js';

export interface TransformerConfig {
  /** What `import` finds the library by. */
  library: string;
  /** A folder, or a hub id. */
  model: { folder: string } | { hubId: string };
  /** Where files from the hub are kept. */
  cacheDir: string;
  /** q8: onnx/model_quantized.onnx; fp32: onnx/model.onnx. */
  dtype: 'q8' | 'fp32';
  /** Threads of the ONNX runtime. */
  threads: number;
}

/** Where a model does not say how many tokens it takes; BERT's own limit. */
const USUAL_TOKENS = 512;

export async function loadTransformer(config: TransformerConfig): Promise<LocalModel> {
  const library = await importLibrary(config.library);
  const id = open(library, config);
  const tokenizer = await library.AutoTokenizer.from_pretrained(id);
  const model = await library.AutoModel.from_pretrained(id, {
    dtype: config.dtype,
    device: 'cpu',
    session_options: { intraOpNumThreads: config.threads, interOpNumThreads: 1 },
  });
  const max_length = Math.min(
    tokenizer.model_max_length ?? USUAL_TOKENS,
    model.config.max_position_embeddings ?? USUAL_TOKENS,
    USUAL_TOKENS,
  );
  const embed = async (texts: string[]): Promise<{ vectors: Float32Array; dimension: number }> => {
    const inputs = tokenizer(texts, { padding: true, truncation: true, max_length });
    const { last_hidden_state: tokens } = await model(inputs);
    const { attention_mask: mask } = inputs;
    if (tokens === undefined || mask === undefined) throw new UnusableModel('it is no model of sentences');
    return { vectors: meanPooling(tokens, mask), dimension: tokens.dims[2] ?? 0 };
  };
  const { dimension } = await embed(['its dimension is seen from what it gives']);
  return {
    dimension,
    embed: async (texts) => (await embed(texts)).vectors,
    close: async () => {
      await model.dispose();
    },
  };
}

async function importLibrary(specifier: string): Promise<Library> {
  try {
    return (await import(specifier)) as Library;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw cause;
    const message = `${specifier} is not installed: npm install --no-save --ignore-scripts @huggingface/transformers@4`;
    throw new UnusableModel(message, { cause });
  }
}

/** Tells the library where models are, and returns what to ask it for. A folder is never looked up at the hub. */
function open({ env }: Library, { model, cacheDir }: TransformerConfig): string {
  env.cacheDir = cacheDir;
  if ('hubId' in model) return model.hubId;
  env.allowRemoteModels = false;
  env.localModelPath = dirname(model.folder);
  return basename(model.folder);
}
