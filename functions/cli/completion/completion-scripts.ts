/** Completion scripts: each asks `hepctl complete -- WORDS` at the tab key, and offers files where it answers `:0`. */
const bash = String.raw`# bash completion for hepctl
_hepctl() {
  local line answer
  COMPREPLY=()
  answer=$(hepctl complete -- "${"${COMP_WORDS[@]:1:COMP_CWORD}"}" 2>/dev/null) || return
  while IFS= read -r line; do
    case $line in
      :0) compopt -o default 2>/dev/null ;;
      :*) ;;
      *) COMPREPLY+=("${"${line%%$'\\t'*}"}") ;;
    esac
  done <<< "$answer"
}
complete -F _hepctl hepctl
`;

const zsh = String.raw`#compdef hepctl
_hepctl() {
  local line files=
  local -a items
  while IFS= read -r line; do
    case $line in
      :0) files=yes ;;
      :*) ;;
      *) items+=("${"${${line%%$'\\t'*}//:/\\\\:}"}:${"${line#*$'\\t'}"}") ;;
    esac
  done < <(hepctl complete -- "${"${(@)words[2,$CURRENT]}"}" 2>/dev/null)
  if [[ -n $files ]]; then _files; else _describe hepctl items; fi
}
if [[ "$funcstack[1]" == _hepctl ]]; then _hepctl "$@"; else compdef _hepctl hepctl; fi
`;

const fish = String.raw`# fish completion for hepctl
function __hepctl_complete
    set -l words (commandline -opc) (commandline -ct | string collect --allow-empty)
    for line in (hepctl complete -- $words[2..-1] 2>/dev/null)
        switch $line
            case ':0'
                __fish_complete_path (commandline -ct)
            case ':*'
            case '*'
                echo $line
        end
    end
end
complete -c hepctl -f -a '(__hepctl_complete)'
`;

export const completionScripts: ReadonlyMap<string, string> = new Map([
  ["bash", bash],
  ["zsh", zsh],
  ["fish", fish],
]);
