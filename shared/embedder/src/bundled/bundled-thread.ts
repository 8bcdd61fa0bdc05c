import { serveModel } from '../local/serve-model.js';
import { readWordVectors } from './read-vectors.js';
import { removeCommon } from './remove-common.js';
import { sentenceVectors } from './sentence-vectors.js';

export interface BundledConfig {
  file: string;
  words: number;
}

await serveModel(async (config) => {
  const { file, words } = config as BundledConfig;
  const vectors = await readWordVectors(file, words);
  removeCommon(vectors.values, 2);
  return sentenceVectors(vectors);
});
