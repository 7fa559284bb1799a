#!/usr/bin/env bash
# Runs the tool with every option of every command twice, without its value, and before its command: the exit code must be 0, 1 or 2, and the process must
# not print a stack trace.
#
#   tests/integration/command-lines.sh TOOL
#
# TOOL is the program (or "dotnet PATH.dll" in quotes). The exit code is 1 if a line does not hold.
set -u
read -ra tool <<< "${1:?usage: command-lines.sh TOOL}"
[ ${#tool[@]} -gt 1 ] || tool=("$(realpath "${tool[0]}")")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
lines=0 faults=0
declare -A codes

try() {
  local code
  timeout 60 "${tool[@]}" "$@" > out.txt 2> err.txt < /dev/null
  code=$?
  lines=$((lines + 1)) codes[$code]=$((${codes[$code]:-0} + 1))
  if [ "$code" -gt 2 ] || grep -q "^   at " out.txt err.txt; then
    faults=$((faults + 1))
    echo "exit code $code: $*"
    head -n 3 err.txt
  fi
}

for command in train evaluate predict "data inspect" compare report "model get" "adapter export" "adapter import" "adapter merge" info; do
  read -ra words <<< "$command"
  for option in $("${tool[@]}" "${words[@]}" --help 2> /dev/null | grep -oE '^  (-[a-z?], )*--[a-z0-9-]+' | grep -oE '\-\-[a-z0-9-]+' | sort -u); do
    [ "$option" = --help ] && continue
    try "${words[@]}" "$option" a "$option" b
    try "${words[@]}" "$option"
    try "$option" a "${words[@]}"
  done
done
echo "$lines command lines, $faults faults; exit codes:$(for c in "${!codes[@]}"; do echo -n " $c (${codes[$c]} times)"; done)"
[ "$faults" -eq 0 ] && [ "$lines" -ge 200 ]
