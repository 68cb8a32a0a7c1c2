import { completedValue, spellings } from './completed-values.ts';
import type { Command, Declarations, Option } from './declarations.ts';

/** The bash completion, for bash-completion's folder of those that are loaded when needed. */
export function renderBashCompletion({ commands, globalOptions }: Declarations): string {
  const all = uniqueOptions([globalOptions, ...commands.map(({ options }) => options)].flat());
  const valued = all.filter((option) => completedValue(option) !== undefined);
  const firstWords = [...new Set(commands.map(({ name }) => name.split(' ')[0]))];
  return `# bash completion for virtioize(1), made from what the program declares

_virtioize_guests() {
    # A guest's name is never expanded, whatever characters it has.
    local name quoted
    while IFS= read -r name; do
        printf -v quoted %q "$name"
        [[ -n $name && ($name == "$cur"* || $quoted == "$cur"*) ]] && COMPREPLY+=("$quoted")
    done < <(timeout 5 virsh -r -q -c "$1" list --all --name 2>/dev/null </dev/null)
    __ltrim_colon_completions "$cur"
}

_virtioize() {
    local cur prev words cword
    _init_completion -n =: || return

    local command= rest= word index
    local uri=\${VIRTIOIZE_CONNECT:-\${LIBVIRT_DEFAULT_URI:-qemu:///system}}
    for ((index = 1; index < cword; index++)); do
        word=\${words[index]}
        case $word in
            --) rest=yes && break ;;
            -c | --connect) uri=\${words[++index]} ;;
            --connect=*) uri=\${word#*=} ;;
            ${valued.flatMap(spellings).join(' | ')}) ((++index)) ;;
            -*) ;;
            validate) [[ $command == config ]] && command='config validate' ;;
            *) [[ $command ]] || command=$word ;;
        esac
    done

    [[ $cur == --*=* ]] && prev=\${cur%%=*} cur=\${cur#*=}
    [[ $rest ]] && prev=
    case $prev in
${valued.map(valueCase).join('\n')}
    esac

    local options='${words(globalOptions)}'
    case $command in
        '') [[ $cur == -* ]] || options='${firstWords.join(' ')}' ;;
        config) [[ $cur == -* ]] || options=validate ;;
${commands.map(commandCase).join('\n')}
    esac
    mapfile -t COMPREPLY < <(compgen -W "$options" -- "$cur")
} &&
    complete -F _virtioize virtioize
`;
}

function valueCase(option: Option): string {
  const what = completedValue(option) ?? 'nothing';
  const names = spellings(option).join(' | ');
  const offer =
    typeof what === 'object'
      ? `mapfile -t COMPREPLY < <(compgen -W '${what.words.join(' ')}' -- "$cur")`
      : { file: '_filedir', folder: '_filedir -d', guest: '_virtioize_guests "$uri"', nothing: ':' }[what];
  return `        ${names}) ${offer} && return ;;`
    .replace(/: && return ;;$/, 'return ;;')
    .replace(/ && return ;;$/, '; return ;;');
}

function commandCase({ name, positional, options }: Command): string {
  const own = words(options);
  const offer = positional?.isMany === true ? '_virtioize_guests "$uri"' : '_filedir';
  return `        '${name}')
            if [[ $rest || $cur != -* ]]; then ${offer}; return; fi
            options+=' ${own}' ;;`;
}

function words(options: readonly Option[]): string {
  return options.flatMap(spellings).join(' ');
}

function uniqueOptions(options: readonly Option[]): Option[] {
  return [...new Map(options.map((option) => [option.name, option])).values()];
}
