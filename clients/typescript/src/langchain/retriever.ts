import type { BaseRetrieverInput } from '@langchain/core/retrievers';
import { BaseRetriever } from '@langchain/core/retrievers';
import { Document } from '@langchain/core/documents';
import type { SomaApi } from '../soma-api.js';
import type { FoundMemory, SearchRequest } from '../types.js';

export interface SomaRetrieverInput extends BaseRetrieverInput {
  /** A client or a session. */
  api: SomaApi;
  /** How to search: top_k, filters, whose memories. */
  search?: Omit<SearchRequest, 'query'>;
}

type Metadata = Omit<FoundMemory, 'text'>;

/** Memories as documents: pageContent is the text, metadata all the rest. */
export class SomaRetriever extends BaseRetriever<Metadata> {
  override lc_namespace = ['somafractalmemory', 'retrievers'];
  readonly #api: SomaApi;
  readonly #search: Omit<SearchRequest, 'query'>;

  static override lc_name(): string {
    return 'SomaRetriever';
  }

  constructor({ api, search, ...fields }: SomaRetrieverInput) {
    super(fields);
    this.#api = api;
    this.#search = search ?? {};
  }

  override async _getRelevantDocuments(query: string): Promise<Document<Metadata>[]> {
    const { memories } = await this.#api.search({ ...this.#search, query });
    return memories.map(
      ({ text, ...metadata }) => new Document({ id: metadata.coord, pageContent: text, metadata }),
    );
  }
}
