/** For bash 3.2 and later, without the package bash-completion. */
import type { Command } from '../command.ts';
import { candidates, written } from './candidates.ts';

export function bash(commands: readonly Command[]): string {
  const all = candidates(commands);
  const cases = all.flatMap(({ name, flags, positional }) => {
    const values = flags.flatMap((flag) =>
      flag.kind === 'choice'
        ? [
            `      ${written(flag)
              .map((text) => `${name}:${text}`)
              .join('|')}) words="${flag.choices.join(' ')}" ;;`,
          ]
        : [],
    );
    const words = flags.flatMap(written).join(' ');
    // Nothing found: readline goes on with the names of files.
    const others = typeof positional === 'string' ? '' : positional.join(' ');
    return [...values, `      ${name}:*) if [[ $cur == -* ]]; then words="${words}"; else words="${others}"; fi ;;`];
  });
  return `# Completion of millrace for bash.
_millrace() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} words=
  # "--flag=value" comes as three words.
  if [[ $cur == = ]]; then
    cur=
  elif [[ $prev == = ]]; then
    prev=\${COMP_WORDS[COMP_CWORD-2]}
  fi
  if [[ $COMP_CWORD -eq 1 ]]; then
    words="${all.map(({ name }) => name).join(' ')}"
  else
    case \${COMP_WORDS[1]}:$prev in
${cases.join('\n')}
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -o default -F _millrace millrace
`;
}
