/** `millrace completion`: scripts that let a shell complete commands, flags and their values, made from the table of commands. */
import type { Command } from '../command.ts';
import type { Flag } from '../flags.ts';
import { HELP } from '../flags.ts';
import { EXIT } from '../host.ts';
import { MillraceError } from '#shared/errors.ts';

const SHELLS: Readonly<Record<string, (commands: readonly Command[]) => string>> = { bash, zsh, fish };

export const completion: Command = {
  name: 'completion',
  usage: 'millrace completion bash|zsh|fish',
  summary:
    'Print a completion script for a shell.\nbash: source <(millrace completion bash). fish: millrace completion fish | source.',
  flags: [HELP],
  positionals: { min: 1, max: 1, what: 'the name of a shell: bash, zsh or fish' },
  run: ({ positionals: [shell = ''] }, { host, commands }) => {
    const script = Object.hasOwn(SHELLS, shell) ? SHELLS[shell] : undefined;
    if (script === undefined)
      throw new MillraceError('usage', `there is no completion for ${shell}: use bash, zsh or fish`);
    host.stdout(script(commands));
    return Promise.resolve(EXIT.ok);
  },
};

const names = (commands: readonly Command[]): string => [...commands.map(({ name }) => name), 'help'].join(' ');
const switches = (flags: readonly Flag[]): string =>
  flags.flatMap(({ name, short }) => [`--${name}`, ...(short === undefined ? [] : [`-${short}`])]).join(' ');

function bash(commands: readonly Command[]): string {
  const cases = commands.map(({ name, flags }) => {
    const values = flags.flatMap((flag) =>
      flag.kind === 'choice'
        ? [`        --${flag.name}) COMPREPLY=($(compgen -W "${flag.choices.join(' ')}" -- "$cur")); return ;;\n`]
        : [],
    );
    const words = name === 'completion' ? Object.keys(SHELLS).join(' ') : '';
    return `    ${name})\n      case "$prev" in\n${values.join('')}      esac\n      words="${switches(flags)} ${words}" ;;\n`;
  });
  return `# bash completion for millrace
_millrace() {
  local cur prev words
  cur="\${COMP_WORDS[COMP_CWORD]}"
  prev="\${COMP_WORDS[COMP_CWORD-1]}"
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${names(commands)}" -- "$cur"))
    return
  fi
  case "\${COMP_WORDS[1]}" in
${cases.join('')}    help) words="${names(commands)}" ;;
  esac
  case "$cur" in
    -*) COMPREPLY=($(compgen -W "$words" -- "$cur")) ;;
    *) COMPREPLY=($(compgen -f -- "$cur") $(compgen -W "$words" -- "$cur")) ;;
  esac
}
complete -o filenames -F _millrace millrace
`;
}

function zsh(commands: readonly Command[]): string {
  return `#compdef millrace
autoload -U +X bashcompinit && bashcompinit
${bash(commands)}`;
}

function fish(commands: readonly Command[]): string {
  const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  const first = (text: string): string => quoted(text.split('\n')[0]);
  const lines = ['# fish completion for millrace'];
  for (const { name, summary } of commands)
    lines.push(`complete -c millrace -n __fish_use_subcommand -a ${name} -d ${first(summary)}`);
  for (const { name, flags } of commands) {
    const seen = `-n '__fish_seen_subcommand_from ${name}'`;
    for (const flag of flags) {
      const values =
        flag.kind === 'choice'
          ? ` -x -a ${quoted(flag.choices.filter((choice) => choice !== '').join(' '))}`
          : flag.kind === 'bool'
            ? ''
            : ' -r';
      lines.push(
        `complete -c millrace ${seen} -l ${flag.name}${flag.short === undefined ? '' : ` -s ${flag.short}`}${values} -d ${first(flag.doc)}`,
      );
    }
  }
  lines.push(
    `complete -c millrace -n '__fish_seen_subcommand_from completion' -f -a '${Object.keys(SHELLS).join(' ')}'`,
  );
  return `${lines.join('\n')}\n`;
}
