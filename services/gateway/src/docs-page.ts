import { createHash } from 'node:crypto';
import { ERROR_CODES, type ErrorCode } from '@soma/memory';
import type { OpenApiDocument, OpenApiOperation } from './openapi.js';
import { PROBLEMS, publicCode } from './problem.js';

const STYLE = `
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 0 auto; padding: 1rem; }
h2 { margin-top: 2.5rem; border-bottom: 1px solid #8888; }
h3 code { font-size: 1rem; }
pre { overflow-x: auto; padding: .75rem; background: #8881; border-radius: .25rem; font-size: .85rem; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; }
td, th { text-align: left; vertical-align: top; padding: .25rem .5rem; border-bottom: 1px solid #8883; }
summary { cursor: pointer; }
`;

/** The page may load nothing, run nothing, and be framed by nobody; its one style sheet is named by its digest. */
export const DOCS_HEADERS = {
  'Content-Security-Policy': `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'`,
};

/** The OpenAPI document as a page to read; also where problem types point to: each error code is an anchor. */
export function docsPage(document: OpenApiDocument): string {
  const { title, description } = document.info;
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  const tags = [...new Set(operations.flatMap(({ operation }) => operation.tags))];
  const sections = tags.map((tag) => {
    const own = operations.filter(({ operation }) => operation.tags.includes(tag));
    return `<h2 id="${escape(tag)}">${escape(tag)}</h2>${own.map(operationSection).join('')}`;
  });
  const schemas = Object.entries(document.components.schemas).map(
    ([name, schema]) => `<h3 id="schema-${escape(name)}">${escape(name)}</h3>${jsonBlock(schema)}`,
  );
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escape(title)}</title><style>${STYLE}</style></head><body>
<h1>${escape(title)}</h1><p>${escape(description)}</p><p>For machines: <a href="/openapi.json">/openapi.json</a></p>
<nav>${[...tags, 'errors', 'schemas'].map((tag) => `<a href="#${escape(tag)}">${escape(tag)}</a>`).join(' · ')}</nav>
${sections.join('\n')}
<h2 id="errors">errors</h2>${errorTable()}
<h2 id="schemas">schemas</h2>${schemas.join('\n')}
</body></html>
`;
}

interface DocumentedOperation {
  path: string;
  method: string;
  operation: OpenApiOperation;
}

function operationSection({ path, method, operation }: DocumentedOperation): string {
  const { operationId, summary, parameters, requestBody, responses } = operation;
  const body = Object.entries(requestBody?.content ?? {}).map(
    ([type, { schema }]) => `<details><summary>Body, ${escape(type)}</summary>${jsonBlock(schema)}</details>`,
  );
  const answers = Object.entries(responses).map(
    ([status, { description }]) => `<tr><td>${status}</td><td>${escape(String(description))}</td></tr>`,
  );
  return `<section id="${escape(operationId)}"><h3><code>${escape(method.toUpperCase())} ${escape(path)}</code></h3>
<p>${escape(summary)}.</p>${parameterTable(parameters)}${body.join('')}
<details><summary>Answers</summary><table>${answers.join('')}</table></details></section>`;
}

function parameterTable(parameters: OpenApiOperation['parameters']): string {
  if (parameters.length === 0) return '';
  const rows = parameters.map((parameter) => {
    const { name, in: place, required, description, schema } = parameter;
    const about = [typeof description === 'string' ? description : '', JSON.stringify(schema)]
      .filter(Boolean)
      .join(' — ');
    return `<tr><td><code>${escape(String(name))}</code></td><td>${escape(String(place))}${required === true ? ', required' : ''}</td><td>${escape(about)}</td></tr>`;
  });
  return `<table>${rows.join('')}</table>`;
}

function errorTable(): string {
  const codes = (Object.keys(ERROR_CODES) as ErrorCode[]).filter((code) => publicCode(code) === code);
  const rows = codes.map((code) => {
    const { status, title } = PROBLEMS[code];
    const again = ERROR_CODES[code].retryable ? 'the same request may succeed later' : '';
    return `<tr id="${code}"><td><code>${code}</code></td><td>${status}</td><td>${escape(title)}</td><td>${again}</td></tr>`;
  });
  return `<table><tr><th>code</th><th>status</th><th>meaning</th><th></th></tr>${rows.join('')}</table>`;
}

function jsonBlock(value: unknown): string {
  return `<pre>${escape(JSON.stringify(value, null, 2))}</pre>`;
}

function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
