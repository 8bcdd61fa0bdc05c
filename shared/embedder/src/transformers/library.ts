/** What is used of @huggingface/transformers, which is installed only by who wants it. */
export interface Library {
  env: { allowRemoteModels: boolean; localModelPath: string; cacheDir: string };
  AutoTokenizer: { from_pretrained(model: string): Promise<Tokenizer> };
  AutoModel: { from_pretrained(model: string, options: object): Promise<Model> };
}

interface Tokenizer {
  (texts: string[], options: object): Record<string, Tensor>;
  model_max_length?: number;
}

interface Model {
  (inputs: Record<string, Tensor>): Promise<Record<string, Tensor>>;
  config: { max_position_embeddings?: number };
  dispose(): Promise<unknown>;
}

export interface Tensor {
  /** The attention mask has bigints. */
  data: ArrayLike<number | bigint>;
  dims: number[];
}
