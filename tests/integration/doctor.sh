#!/usr/bin/env bash
# Runs `sktuning doctor` on a working machine and on broken ones: each must say what is wrong and what to do, and end by itself.
#
#   tests/integration/doctor.sh FOLDER
#
# FOLDER contains the built tool (SkTuning.Tool). Copies of it are links, except for the files that are damaged. Linux only. The exit code is 1 if a case fails.
set -u
source=$(realpath "${1:?usage: doctor.sh FOLDER}")
work=$(mktemp -d -p "$(dirname "$source")")
trap 'rm -rf "$work"' EXIT
native=$(dirname "$(find "$source" -name libtorch_cpu.so | head -n 1)")
inside=${native#"$source"}
failed=0
unset SK_LIBTORCH SK_NATIVE_PATCH

# copy NAME: a copy of the tool whose files are links; prints its folder.
copy() { cp -al "$source" "$work/$1" && echo "$work/$1"; }

# own FILE: makes the file of a copy its own, so that it can be changed.
own() { cp "$1" "$1.own" && mv "$1.own" "$1"; }

# expect NAME CODE PATTERN COMMAND...: the exit code, and a line that matches the pattern.
expect() {
  local name=$1 code=$2 pattern=$3 log=$work/log
  shift 3
  "$@" > "$log" 2>&1
  local got=$?
  if [ $got -eq "$code" ] && line=$(grep -m 1 -E "$pattern" "$log"); then
    echo "passed: $name: $line"
  else
    failed=1
    echo "failed: $name (exit code $got, expected $code and a line like $pattern)"
    cat "$log"
  fi
  # TorchSharp prints the trace of its search on standard output if it has to search.
  if grep -q "LoadNativeBackend" "$log"; then failed=1; echo "failed: $name: TorchSharp's trace was printed"; fi
}

expect "a working machine" 0 '^ok +loading .*computes' "$source/SkTuning.Tool" doctor
expect "a working machine, JSON" 0 '"works": true' "$source/SkTuning.Tool" doctor --json
if [ -e /proc/driver/nvidia/version ]; then echo "skipped: no GPU (this machine has one)"
else expect "no GPU" 0 '^ok +CUDA +no NVIDIA driver: the CPU is used' "$source/SkTuning.Tool" doctor; fi

expect "SK_LIBTORCH is no folder" 1 "^PROBLEM +libtorch +SK_LIBTORCH is '/nowhere', which is not a folder. .*unset it" \
  env SK_LIBTORCH=/nowhere "$source/SkTuning.Tool" doctor
expect "SK_LIBTORCH has no libtorch" 1 "^PROBLEM +libtorch +SK_LIBTORCH is '/etc', which does not contain libtorch_cpu.so. Set it" \
  env SK_LIBTORCH=/etc "$source/SkTuning.Tool" doctor
expect "another command" 1 "^error: SK_LIBTORCH is '/nowhere', which is not a folder. Set it" \
  env SK_LIBTORCH=/nowhere "$source/SkTuning.Tool" info

none=$(copy none)
rm "$none$inside"/libtorch* "$none$inside"/libc10*
expect "no libtorch" 1 '^PROBLEM +libtorch +libtorch is missing. Install' "$none/SkTuning.Tool" doctor
expect "no libtorch, another command" 1 '^error: libtorch is missing. Install' "$none/SkTuning.Tool" quickstart
expect "no libtorch, but in SK_LIBTORCH" 0 '^ok +loading' env SK_LIBTORCH="$native" "$none/SkTuning.Tool" doctor

part=$(copy part)
rm "$part$inside/libc10.so"
expect "a part is missing" 1 '^PROBLEM +libtorch +libc10.so is missing' "$part/SkTuning.Tool" doctor
needed=$(copy needed)
rm "$needed$inside"/libgomp*
expect "a library that libtorch needs is missing" 1 '^PROBLEM +libtorch +libgomp-[0-9a-f]+.so.1 is missing: libtorch_cpu.so needs it' "$needed/SkTuning.Tool" doctor

short=$(copy short)
own "$short$inside/libtorch_cpu.so"
for size in 300000000 100000 4096 10 0; do
  truncate -s $size "$short$inside/libtorch_cpu.so"
  expect "libtorch cut to $size bytes" 1 '^PROBLEM +libtorch +libtorch_cpu.so is damaged: .* has [0-9,]+ bytes, .*(restore|Copy)' "$short/SkTuning.Tool" doctor
done
text=$(copy text)
own "$text$inside/libc10.so"
seq 10000 > "$text$inside/libc10.so"
expect "a text file in place of a library" 1 '^PROBLEM +libtorch +libc10.so is damaged: .* is not a Linux library' "$text/SkTuning.Tool" doctor

# Another version: a function that TorchSharp calls has another name.
other=$(copy other)
own "$other$inside/libc10.so"
LC_ALL=C sed -i 's/_ZN3c106SymInt19promote_to_negativeEv/_ZN3c106SymInt19promote_to_negativeEi/g' "$other$inside/libc10.so"
expect "another version of libtorch" 1 '^PROBLEM +libtorch +.* is not libtorch 2.10.0, which TorchSharp .* needs' "$other/SkTuning.Tool" doctor

if "$source/SkTuning.Tool" doctor | grep -q 'loading.*patched in memory'; then
  expect "the patch is turned off" 1 '^PROBLEM +libstdc\+\+ .*SK_NATIVE_PATCH=0.* Unset SK_NATIVE_PATCH' env SK_NATIVE_PATCH=0 "$source/SkTuning.Tool" doctor
else echo "skipped: SK_NATIVE_PATCH=0 (this system needs no patch)"; fi
exit $failed
