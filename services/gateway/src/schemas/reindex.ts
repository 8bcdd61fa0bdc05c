import { embedderSettings, requireEmbedderEndpoint } from '@soma/service';
import { z } from 'zod';

/** Texts a second; beyond it nobody means to slow anything down. */
const FASTEST = 100_000;
const MOST_SAMPLED = 10_000;

/** The settings that say the same, so that what a request may name is what a process may be set to. */
const FIELDS = {
  SOMA_EMBEDDER: 'embedder',
  SOMA_EMBEDDER_MODEL: 'model',
  SOMA_EMBEDDER_URL: 'url',
  SOMA_EMBEDDER_DIMENSION: 'dimension',
} as const;

const settings = z.object(embedderSettings).superRefine(requireEmbedderEndpoint);

export const reindexBody = z
  .strictObject({
    embedder: z
      .string()
      .max(64)
      .meta({ description: 'As SOMA_EMBEDDER names it', examples: ['openai'] }),
    model: z.string().max(512).optional().meta({ description: 'As SOMA_EMBEDDER_MODEL' }),
    url: z.string().max(2_048).optional().meta({ description: 'As SOMA_EMBEDDER_URL; no key may be in it' }),
    dimension: z.int().optional().meta({ description: 'As SOMA_EMBEDDER_DIMENSION' }),
    rate: z
      .int()
      .min(1)
      .max(FASTEST)
      .optional()
      .meta({ description: 'Texts embedded a second; absent: as fast as it goes' }),
    sample: z
      .int()
      .min(1)
      .max(MOST_SAMPLED)
      .optional()
      .meta({ description: 'So many memories, at random, are compared in the end; absent: all' }),
  })
  .superRefine((body, context) => {
    for (const { field, message } of problemsOf(body))
      context.addIssue({ code: 'custom', path: [field], message });
  });

interface Named {
  embedder: string;
  model?: string | undefined;
  url?: string | undefined;
  dimension?: number | undefined;
}

function problemsOf(body: Named): { field: string; message: string }[] {
  const { embedder, model, url, dimension } = body;
  const { error } = settings.safeParse({
    SOMA_EMBEDDER: embedder,
    SOMA_EMBEDDER_MODEL: model,
    SOMA_EMBEDDER_URL: url,
    SOMA_EMBEDDER_DIMENSION: dimension?.toString(),
  });
  const problems = (error?.issues ?? []).map(({ path, message }) => {
    const field = FIELDS[path[0] as keyof typeof FIELDS];
    return { field, message: body[field] === undefined ? 'is needed by this embedder' : message };
  });
  if (url !== undefined && holdsCredentials(url))
    problems.push({ field: 'url', message: 'must hold no user or password: keys are settings' });
  return problems;
}

function holdsCredentials(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { username, password } = new URL(url);
  return username !== '' || password !== '';
}
