export interface Greeting {
  host: string;
  port: number;
  token: string;
  /** True when the token came from a setting: it is known to whoever set it and not shown. */
  tokenGiven: boolean;
  dataFolder: string;
}

/** What a newcomer sees once everything runs: where it listens, the token, and a line to try. */
export function greeting({ host, port, token, tokenGiven, dataFolder }: Greeting): string {
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
  const shown = tokenGiven ? '$SOMA_API_TOKEN' : token;
  return [
    '',
    `  SomaFractalMemory listens on ${url}   (reference: ${url}/docs)`,
    `  token  ${tokenGiven ? 'as set by SOMA_API_TOKEN' : token}`,
    `  data   ${dataFolder}`,
    '',
    '  Remember something:',
    `    curl -s '${url}/memories?until=indexed' -H 'Authorization: Bearer ${shown}' \\`,
    `      -H 'Content-Type: application/json' -d '{"payload": {"text": "Ada prefers tea"}}'`,
    '  Recall it:',
    `    curl -s '${url}/memories/search?query=what+does+Ada+drink' -H 'Authorization: Bearer ${shown}'`,
    '',
    '',
  ].join('\n');
}
