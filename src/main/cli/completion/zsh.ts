/** For zsh's own completion system; as a file _millrace in $fpath, or sourced after compinit. */
import type { Command } from '../command.ts';
import type { Flag } from '../flags.ts';
import { candidates, firstLine, mayBeFile, written, type Candidate } from './candidates.ts';

export function zsh(commands: readonly Command[]): string {
  const all = candidates(commands);
  const cases = all.map(({ name, flags, positional }) => {
    const specs = [...flags.flatMap(flagSpecs), ...positionalSpecs(positional)];
    return `    ${name})\n      _arguments -S \\\n${specs.map((spec) => `        ${quote(spec)}`).join(' \\\n')} ;;`;
  });
  return `#compdef millrace
# Completion of millrace for zsh.
_millrace() {
  local -a commands=(
${all.map(({ name, summary }) => `    ${quote(`${name}:${firstLine(summary)}`)}`).join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe -t commands command commands
    return
  fi
  local command=$words[2] curcontext=$curcontext
  shift words
  (( CURRENT-- ))
  case $command in
${cases.join('\n')}
  esac
}
if [[ $funcstack[1] == _millrace ]]; then
  _millrace "$@"
else
  compdef _millrace millrace
fi
`;
}

function flagSpecs(flag: Flag): string[] {
  const doc = `[${firstLine(flag.doc).replaceAll(/[[\]:\\]/g, '\\$&')}]`;
  const repeated = flag.kind === 'list' ? '*' : '';
  const value =
    flag.kind === 'choice' ? `:value:(${flag.choices.join(' ')})` : `:${flag.kind}:${mayBeFile(flag) ? '_files' : ''}`;
  return written(flag).map((text) => {
    if (flag.kind === 'bool') return `${text}${doc}`;
    return `${repeated}${text}${text.startsWith('--') ? '=' : '+'}${doc}${value}`;
  });
}

function positionalSpecs(positional: Candidate['positional']): string[] {
  if (positional === 'none') return [];
  return [positional === 'files' ? '*:file:_files' : `1:word:(${positional.join(' ')})`];
}

const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
