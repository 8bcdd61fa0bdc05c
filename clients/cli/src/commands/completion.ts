import type { Command, Option } from 'commander';
import { CommandFailed, EXIT } from '../exit-codes.js';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;

/** A command with its whole name, as in `dead-letters list`; '' is soma itself. */
interface Node {
  name: string;
  description: string;
  words: string[];
  options: readonly Option[];
}

/** A script that completes commands, options and the values that these can have, as the program has them now. */
export function completion(program: Command, shell: string): string {
  const nodes = nodesOf(program, '');
  if (shell === 'bash') return bash(nodes);
  if (shell === 'zsh') return `autoload -U +X bashcompinit && bashcompinit\n${bash(nodes)}`;
  if (shell === 'fish') return fish(nodes);
  throw new CommandFailed(EXIT.usage, `there is a completion for ${SHELLS.join(', ')}`);
}

function nodesOf(command: Command, name: string): Node[] {
  const children = command.commands.flatMap((child) =>
    [child.name(), ...child.aliases()].map((word) => [word, child] as const),
  );
  const options = [...command.options, ...(name === '' ? [] : (command.parent?.options ?? []))];
  const longs = options.flatMap(({ long }) => long ?? []);
  const words = [...children.map(([word]) => word), ...longs, '--help'];
  const here = { name, description: command.summary() || command.description(), words, options };
  return [here, ...children.flatMap(([word, child]) => nodesOf(child, `${name} ${word}`.trim()))];
}

/** Options with a few values, those of equal name together. */
function choicesOf(nodes: readonly Node[]): Map<string, Set<string>> {
  const choices = new Map<string, Set<string>>();
  for (const { options } of nodes)
    for (const { long, argChoices } of options)
      if (typeof long === 'string' && argChoices !== undefined)
        choices.set(long, new Set([...(choices.get(long) ?? []), ...argChoices]));
  return choices;
}

function bash(nodes: readonly Node[]): string {
  const values = [...choicesOf(nodes)].map(
    ([option, words]) =>
      `    ${option}) COMPREPLY=($(compgen -W "${[...words].join(' ')}" -- "$current")); return ;;`,
  );
  const steps = nodes.flatMap(({ name }) => (name === '' ? [] : [`      " ${name}") path="${name}" ;;`]));
  const words = nodes.map(({ name, words: own }) => `    "${name}") words="${own.join(' ')}" ;;`);
  return `# soma completion bash > ~/.local/share/bash-completion/completions/soma
_soma() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" path="" word words=""
  case "$previous" in
${values.join('\n')}
  esac
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "\${path:+ }$path $word" in
${steps.join('\n')}
    esac
  done
  case "$path" in
${words.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _soma soma`;
}

function fish(nodes: readonly Node[]): string {
  const quoted = (text: string): string => `'${text.replaceAll(/['\\]/g, '\\$&')}'`;
  const lines = nodes.flatMap(({ name, description, options }) => {
    const parent = name.split(' ').slice(0, -1).join(' ');
    const word = name.split(' ').at(-1) ?? '';
    const where = (path: string): string =>
      path === '' ? '__fish_use_subcommand' : `__fish_seen_subcommand_from ${path.split(' ').at(-1) ?? ''}`;
    const command =
      name === ''
        ? []
        : [`complete -c soma -f -n ${quoted(where(parent))} -a ${word} -d ${quoted(description)}`];
    const own = options.map(({ long, description: what, argChoices }) => {
      const condition = name === '' ? '' : ` -n ${quoted(where(name))}`;
      const values = argChoices === undefined ? '' : ` -xa ${quoted(argChoices.join(' '))}`;
      return `complete -c soma${condition} -l ${(long ?? '').slice(2)}${values} -d ${quoted(what)}`;
    });
    return [...command, ...own];
  });
  return ['# soma completion fish > ~/.config/fish/completions/soma.fish', ...new Set(lines)].join('\n');
}
