#!/usr/bin/env bash
# Runs the tool where nothing can be written and for users without a home: the patched native library must need no file.
#
#   tests/integration/native-library.sh TOOL [MODEL]
#
# TOOL is the published program (or "dotnet PATH.dll" in quotes), readable by every user. MODEL is a model folder; the default is the micro model.
# Needs root and Linux's setpriv and unshare. A case that this machine does not allow prints "skipped" and the reason. The exit code is 1 if a case fails.
set -u
read -ra tool <<< "${1:?usage: native-library.sh TOOL [MODEL]}"
repository=$(cd "$(dirname "$0")/../.." && pwd)
model=$(realpath "${2:-$repository/tests/fixtures/cases/micro-model}")
work=$(mktemp -d) && chmod 755 "$work"
trap 'rm -rf "$work"' EXIT
failed=0

# As any user could: a copy of the model, and an adapter for it.
cp -r "$model" "$work/model"
printf 'text\tlabel\nthe film is good\tgood\na bad film\tbad\nfine film\tgood\nthe bad plot\tbad\n' > "$work/rows.tsv"
"${tool[@]}" train --model "$work/model" --train "$work/rows.tsv" --dev "$work/rows.tsv" --method probe --epochs 1 --out "$work/adapter" \
  > "$work/train.log" 2>&1 || { cat "$work/train.log"; echo "failed: no adapter to predict with"; exit 1; }
chmod -R a+rX "$work"

# say NAME LOG CODE: reports one case. The library's own line must say that it was patched, where it is.
say() {
  if [ "$3" -eq 0 ]; then echo "passed: $1"; else failed=1; echo "failed: $1 (exit code $3)"; tail -n 5 "$2"; fi
}

# both NAME PREFIX...: info and a prediction, run by a prefix such as setpriv or unshare.
both() {
  local name=$1 log=$work/log
  shift
  "$@" "${tool[@]}" info > "$log" 2>&1
  local code=$?
  if [ $code -eq 0 ]; then
    "$@" "${tool[@]}" predict --model "$work/model" --adapter "$work/adapter" "a good film" > "$log" 2>&1
    code=$?
  fi
  say "$name" "$log" $code
}

before=$(find /tmp "${HOME:-/root}/.local" -maxdepth 3 -iname '*sk-tuning*' 2>/dev/null | sort)

both "HOME=/dev/null" env -u XDG_DATA_HOME HOME=/dev/null
both "HOME=/nonexistent" env -u XDG_DATA_HOME HOME=/nonexistent
both "no HOME" env -u XDG_DATA_HOME -u HOME

user=(setpriv --reuid 65534 --regid 65534 --clear-groups)
if ! "${user[@]}" true 2>/dev/null; then
  echo "skipped: a user without a name or a home (setpriv is not allowed: run as root)"
elif ! "${user[@]}" test -r "${tool[-1]}"; then
  echo "skipped: a user without a name or a home (${tool[-1]} cannot be read by every user)"
else
  both "uid 65534, HOME=/" "${user[@]}" env -u XDG_DATA_HOME HOME=/
  both "uid 65534, no HOME" "${user[@]}" env -u XDG_DATA_HOME -u HOME
  both "uid 65534, a temporary folder that is not there" "${user[@]}" env -u XDG_DATA_HOME HOME=/ TMPDIR=/nonexistent
  both "a uid without an entry" setpriv --reuid 41234 --regid 41234 --clear-groups env -u XDG_DATA_HOME HOME=/
fi

# in_mounts NAME SCRIPT: the same in a mount namespace that the script prepares.
in_mounts() {
  local name=$1 script=$2
  if ! unshare -m true 2>/dev/null; then echo "skipped: $name (a mount namespace is not allowed)"; return; fi
  if ! unshare -m bash -c "$script" 2>/dev/null; then echo "skipped: $name (the mounts are not allowed)"; return; fi
  both "$name" unshare -m bash -c "{ $script; } && exec \"\$@\"" bash
  if "${user[@]}" true 2>/dev/null; then
    both "$name, uid 65534" unshare -m bash -c "{ $script; } && exec ${user[*]} env -u XDG_DATA_HOME HOME=/ \"\$@\"" bash
  fi
}

case $(realpath "${tool[-1]}") in
  /tmp/* | /dev/shm/*) echo "skipped: noexec in the temporary folders (the tool itself is in one of them)" ;;
  *)
    in_mounts "noexec in the temporary folders" 'for f in /tmp /dev/shm; do mount --bind $f $f && mount -o remount,bind,noexec $f || exit 1; done'
    ;;
esac
in_mounts "every file system read-only" 'mount --make-rprivate / && for f in / /tmp /dev/shm $(findmnt -rno TARGET -t ext4,xfs,btrfs,overlay,tmpfs); do
  mount --bind $f $f 2>/dev/null; mount -o remount,bind,ro $f 2>/dev/null; done; ! touch /x /tmp/x /dev/shm/x 2>/dev/null'

after=$(find /tmp "${HOME:-/root}/.local" -maxdepth 3 -iname '*sk-tuning*' 2>/dev/null | sort)
if [ "$before" = "$after" ]; then echo "passed: nothing is left in home and the temporary folder"; else failed=1; echo "failed: left: $after"; fi
exit $failed
