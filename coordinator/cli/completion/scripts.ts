// What a shell is told once, so that it asks `ringmaster complete` at each TAB.

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

const bash = `_ringmaster() {
  local word about
  COMPREPLY=()
  while IFS=$'\\t' read -r word about; do
    if [[ $word == ':files' ]]; then compopt -o default; return; fi
    [[ $word == *= ]] && compopt -o nospace
    COMPREPLY+=("$(printf '%q' "$word")")
  done < <("\${COMP_WORDS[0]}" complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F _ringmaster ringmaster
`;

const zsh = `#compdef ringmaster
_ringmaster() {
  local -a found
  found=("\${(@f)$("\${words[1]}" complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ \${found[1]} == ':files' ]]; then _files; return; fi
  found=("\${(@)found//:/\\\\:}")
  found=("\${(@)found/$'\\t'/:}")
  [[ -n \${found[1]} ]] && _describe ringmaster found
}
if [ "$funcstack[1]" = _ringmaster ]; then _ringmaster "$@"; else compdef _ringmaster ringmaster; fi
`;

const fish = `function __ringmaster_complete
  set -l words (commandline -opc) (commandline -ct)
  set -l found ($words[1] complete -- $words[2..-1] 2>/dev/null)
  if test "$found[1]" = ':files'
    __fish_complete_path (commandline -ct)
  else
    printf '%s\\n' $found
  end
end
complete -c ringmaster -f -a '(__ringmaster_complete)'
`;

export const COMPLETION_SCRIPTS: Readonly<Record<Shell, string>> = { bash, zsh, fish };
