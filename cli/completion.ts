import type { Command } from 'commander';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** Returns a script that has a shell complete the commands and options of a program. */
export function completion(program: Command, shell: Shell): string {
  const all = commands(program);
  if (shell === 'fish') return fish(program, all);
  const cases = all.map(({ path, words }) => `    '${path}') words='${words.join(' ')}' ;;`).join('\n');
  const bash = `_commonhold() {
  local words path word
  path=''
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in -*) ;; *) case " ${names(all).join(' ')} " in *" $word "*) path="\${path:+$path }$word" ;; esac ;; esac
  done
  case "$path" in
${cases}
    *) words='' ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _commonhold commonhold
`;
  return shell === 'bash' ? bash : `autoload -U +X bashcompinit && bashcompinit\n${bash}`;
}

interface Completed {
  /** Names of the command and the ones above it, without the program's. */
  readonly path: string;
  /** Commands and options that may follow. */
  readonly words: readonly string[];
}

function commands(command: Command, path = ''): Completed[] {
  const words = [...command.commands.map((each) => each.name()), ...command.options.map(({ long }) => long!), '--help'];
  const below = command.commands.flatMap((each) => commands(each, `${path} ${each.name()}`.trim()));
  return [{ path, words }, ...below];
}

function names(all: readonly Completed[]): string[] {
  return [...new Set(all.flatMap(({ path }) => (path === '' ? [] : path.split(' '))))];
}

function fish(program: Command, all: readonly Completed[]): string {
  const lines = all.flatMap(({ path, words }) => {
    const inPath =
      path === ''
        ? '__fish_use_subcommand'
        : path
            .split(' ')
            .map((word) => `__fish_seen_subcommand_from ${word}`)
            .join('; and ');
    return words.map((word) => {
      const what = word.startsWith('--') ? `-l ${word.slice(2)}` : `-f -a ${word}`;
      return `complete -c ${program.name()} -n '${inPath}' ${what}`;
    });
  });
  return `${lines.join('\n')}\n`;
}
