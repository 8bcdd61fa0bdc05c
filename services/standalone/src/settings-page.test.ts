import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { cacheInvalidatorSettings } from '@soma/cache-invalidator';
import { KNOWN_SETTINGS } from '@soma/composition';
import { gatewayProcessSettings } from '@soma/gateway';
import { graphSettings } from '@soma/graph';
import { indexerSettings } from '@soma/indexer';
import { querySettings } from '@soma/query';
import { describeSettings, settingNames, type SettingRow } from '@soma/service';
import { webhooksSettings } from '@soma/webhooks';
import { writerSettings } from '@soma/writer';
import type { z } from 'zod';
import { standaloneSettings } from './config.js';

const PAGE = new URL('../../../docs/settings.md', import.meta.url);
const PROCESSES: Record<string, z.ZodObject> = {
  standalone: standaloneSettings,
  gateway: gatewayProcessSettings,
  query: querySettings,
  writer: writerSettings,
  indexer: indexerSettings,
  graph: graphSettings,
  'cache-invalidator': cacheInvalidatorSettings,
  webhooks: webhooksSettings,
};

/** docs/settings.md as the schemas say it. */
function settingsPage(): string {
  const rows = new Map<string, { row: SettingRow; uses: Map<string, SettingRow> }>();
  for (const [process, schema] of Object.entries(PROCESSES)) {
    for (const row of describeSettings(schema)) {
      const known = rows.get(row.name) ?? { row, uses: new Map<string, SettingRow>() };
      known.uses.set(process, row);
      rows.set(row.name, known);
    }
  }
  const lines = [...rows.values()].map(({ row, uses }) => {
    const name = row.secret ? `\`${row.name}\`, \`${row.name}_FILE\`` : `\`${row.name}\``;
    const cells = [name, defaultsOf(uses), usedBy(uses), `${row.doc} Example: \`${row.example}\``];
    return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  });
  return [
    '# Settings',
    '',
    'All settings are environment variables. A secret can also be given as a mounted file by the name with `_FILE`.',
    'A wrong or missing setting stops the start with its name, what is wrong and an example, all problems at once; a',
    'name that nobody reads is warned of. Standalone needs none of them.',
    '',
    '| setting | default | read by | what it does |',
    '|---|---|---|---|',
    ...lines,
    '',
  ].join('\n');
}

function defaultsOf(uses: Map<string, SettingRow>): string {
  const texts = new Map<string, string[]>();
  for (const [process, row] of uses) {
    const text = row.required
      ? '**needed**'
      : row.default === null || row.default === ''
        ? 'none'
        : `\`${row.default}\``;
    texts.set(text, [...(texts.get(text) ?? []), process]);
  }
  if (texts.size === 1) return [...texts.keys()][0] ?? '';
  return [...texts].map(([text, processes]) => `${text} (${processes.join(', ')})`).join('; ');
}

function usedBy(uses: Map<string, SettingRow>): string {
  return uses.size === Object.keys(PROCESSES).length ? 'all' : [...uses.keys()].join(', ');
}

test('docs/settings.md is what the schemas say; SOMA_WRITE_DOCS=1 writes it', () => {
  if (process.env['SOMA_WRITE_DOCS'] === '1') writeFileSync(PAGE, settingsPage());
  expect(readFileSync(PAGE, 'utf8')).toBe(settingsPage());
});

test('every process knows the names of the others, so that only misspellings are warned of', () => {
  const names = new Set(Object.values(PROCESSES).flatMap((schema) => settingNames(schema)));
  expect([...KNOWN_SETTINGS].sort()).toEqual([...names].sort());
});
