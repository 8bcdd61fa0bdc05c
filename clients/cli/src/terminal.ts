/** What a command touches of the world around it; a test gives its own. */
export interface Terminal {
  env: Readonly<Record<string, string | undefined>>;
  /** Where the command was typed. */
  folder: string;
  home: string;
  /** Results. */
  out: (text: string) => void;
  /** Progress, questions and errors. */
  note: (text: string) => void;
  /** Columns of the screen that `out` goes to; undefined when it goes to a file or another program. */
  columns: number | undefined;
  /** Somebody sits there who sees notes and can be asked. */
  interactive: boolean;
  input: () => Promise<string>;
  ask: (question: string) => Promise<string>;
  /** Calls back at Ctrl-C instead of ending the process, until the returned function is called. */
  onInterrupt: (listener: () => void) => () => void;
}

/** The one that the process was started in. */
export function processTerminal(home: string): Terminal {
  const { stdin, stdout, stderr } = process;
  return {
    env: process.env,
    folder: process.cwd(),
    home,
    out: (text) => void stdout.write(`${text}\n`),
    note: (text) => void stderr.write(`${text}\n`),
    columns: stdout.isTTY ? stdout.columns : undefined,
    interactive: stdin.isTTY && stderr.isTTY,
    input: async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of stdin) chunks.push(chunk as Buffer);
      return Buffer.concat(chunks).toString('utf8');
    },
    ask: async (question) => {
      const { createInterface } = await import('node:readline/promises');
      const lines = createInterface({ input: stdin, output: stderr });
      try {
        return await lines.question(question);
      } finally {
        lines.close();
      }
    },
    onInterrupt: (listener) => {
      process.on('SIGINT', listener);
      return () => process.off('SIGINT', listener);
    },
  };
}
