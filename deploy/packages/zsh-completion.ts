import { completedValue, spellings } from './completed-values.ts';
import type { Command, Declarations, Option } from './declarations.ts';

/** The zsh completion, for a folder of `fpath`. */
export function renderZshCompletion({ commands, globalOptions }: Declarations): string {
  const firstWords = new Map(commands.map(({ name, description }) => [name.split(' ')[0] ?? '', description]));
  return `#compdef virtioize
# zsh completion for virtioize(1), made from what the program declares

_virtioize_guests() {
  local -a names
  local at=\${VIRTIOIZE_CONNECT:-\${LIBVIRT_DEFAULT_URI:-qemu:///system}} index
  for ((index = 2; index < $#typed; index++)); do
    case $typed[index] in
      -c | --connect) at=$typed[index+1] ;;
      --connect=*) at=\${typed[index]#*=} ;;
    esac
  done
  names=(\${(f)"$(timeout 5 virsh -r -q -c "\${(Q)at}" list --all --name 2>/dev/null </dev/null)"})
  compadd "$@" -a names
}

_virtioize() {
  local curcontext=$curcontext state line ret=1
  local -a options commands typed=("\${words[@]}")
  typeset -A opt_args
  options=(
${specs(globalOptions)}
  )
  commands=(
${[...firstWords].map(([name, description]) => `    ${quote(`${name}:${description}`)}`).join('\n')}
  )
  _arguments -C -S -A '-*' $options '1: :->command' '*:: :->rest' && ret=0
  case $state in
    command) _describe -t commands command commands && ret=0 ;;
    rest)
      case $words[1] in
${commands.map(commandCase).join('\n')}
      esac
      ;;
  esac
  return ret
}

_virtioize "$@"
`;
}

function commandCase({ name, positional, options }: Command): string {
  const [first, second] = name.split(' ');
  const words =
    second === undefined
      ? "'*:guest:_virtioize_guests'"
      : `'1:what to do:(${second})' '2:${positional?.name ?? ''}:_files'`;
  return `        ${first})
          options+=(
${specs(options, '  ')}
          )
          _arguments -S $options ${words} && ret=0
          ;;`;
}

function specs(options: readonly Option[], indent = ''): string {
  return options.map((option) => `    ${indent.repeat(4)}${spec(option)}`).join('\n');
}

/** One option for `_arguments`. One that can be given again and again begins with a star. */
function spec(option: Option): string {
  const value = completedValue(option);
  const about = `[${option.description.replace(/[[\]:\\]/g, '\\$&')}]`;
  const offered =
    value === undefined
      ? ''
      : typeof value === 'object'
        ? `:${option.name}:(${value.words.join(' ')})`
        : `:${option.name}:${{ file: '_files', folder: '_files -/', guest: '_virtioize_guests', nothing: ' ' }[value]}`;
  const names = spellings(option);
  const longWithValue = (name: string): string => (value !== undefined && name.startsWith('--') ? `${name}=` : name);
  const repeats = option.description.includes('(repeatable');
  const together = repeats ? '*' : `(${names.join(' ')})`;
  return names.map((name) => quote(`${together}${longWithValue(name)}${about}${offered}`)).join(' ');
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
