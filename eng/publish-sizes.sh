#!/usr/bin/env bash
# Prints the table of docs/deployment.md: what a published program takes on disk and in memory, how long it takes to the first answer, and for one text.
#
#   eng/publish-sizes.sh [PACKAGES [MODEL [ROWS]]] [-- NAME...]
#
# PACKAGES is a folder of packages (default artifacts/packages), MODEL a model folder (default: the embedded model), ROWS a TSV file with the columns text and
# label (default: the embedded rows). With NAMEs, only the rows whose names contain one of them. Linux x64. The exit code is 1 if a program that should run does not.
set -uo pipefail
arguments=() only=()
while [ $# -gt 0 ]; do [ "$1" = -- ] && { shift; only=("$@"); break; }; arguments+=("$1"); shift; done
here=$(cd "$(dirname "$0")" && pwd)
. "$here/empty-app.sh" "${arguments[0]:-$here/../artifacts/packages}"
[ -n "${arguments[1]:-}" ] && model=$(realpath "${arguments[1]}")
rows=$(realpath "${arguments[2]:-$repository/assets/data/support/train.tsv}")
failed=0

# The tool: from its package, installed without the SDK's shim. It trains the adapter that all programs use.
tool=$work/tool
mkdir "$tool"
unzip -q "$packages/SkTuning.Tool.linux-x64.$version.nupkg" 'tools/*' -d "$tool"
tool=$(dirname "$(find "$tool" -name SkTuning.Tool.dll)")
dotnet "$tool/SkTuning.Tool.dll" train --model "$model" --train "$rows" --method probe --out "$work/adapter" > "$work/train.log" 2>&1 \
  || { cat "$work/train.log"; exit 1; }

wanted() { [ ${#only[@]} -eq 0 ] && return 0; local part; for part in "${only[@]}"; do [[ $1 == *"$part"* ]] && return 0; done; return 1; }

# measure NAME FOLDER PACKAGE-MB WARNINGS COMMAND...: runs a program three times and prints its row. The program prints label, ms to the first answer, ms of one
# text, and peak MB.
measure() {
  local name=$1 folder=$2 package=$3 warnings=$4 best
  shift 4
  for _ in 1 2 3; do "$@" 2> "$work/err.log" || break; done > "$work/out.log"
  if [ "$(wc -l < "$work/out.log")" -lt 3 ]; then
    failed=1
    echo "| $name | $package | $(megabytes "$folder") | does not run: $(head -n 1 "$work/err.log" | cut -c 1-200) | | | $warnings |"
    return
  fi
  best=$(sort -t$'\t' -k2 -n "$work/out.log" | head -n 1)
  echo "| $name | $package | $(megabytes "$folder") | $(cut -f4 <<< "$best") | $(cut -f2 <<< "$best") | $(sort -t$'\t' -k3 -n "$work/out.log" | head -n 1 | cut -f3) | $warnings |"
}

# row NAME PROGRAM "PUBLISH OPTIONS" PACKAGE...: publishes eng/apps/PROGRAM.cs, followed by measure.cs, with packages and measures it. More kinds of programs are more calls of it.
row() {
  local name=$1 program=$2 options=$3 folder=$work/$2-$RANDOM
  shift 3
  wanted "$name" || return 0
  cat "$here/apps/$program.cs" "$here/apps/measure.cs" | app "$(basename "$folder")" "$@"
  if ! (cd "$folder" && dotnet publish -c Release -r linux-x64 -v q -p:DebugType=none -o "$folder/published" $options > publish.log 2>&1); then
    failed=1
    echo "| $name | | does not publish: $(grep -m 1 error "$folder/publish.log" | cut -c 1-200) | | | | |"
    return
  fi
  local warnings size
  warnings=$(grep -oE 'warning [A-Z]+[0-9]+: [^[]*' "$folder/publish.log" | sort -u | wc -l)
  grep -oE 'warning [A-Z]+[0-9]+: [^[]*' "$folder/publish.log" | sort -u | cut -c 1-200 >&2
  # The packages that are downloaded for it, compressed.
  size=$(python3 - "$folder/obj/project.assets.json" "$NUGET_PACKAGES" <<'PY'
import glob, json, os, sys

total = 0
for name, package in json.load(open(sys.argv[1]))["libraries"].items():
    if package["type"] == "package":
        total += sum(map(os.path.getsize, glob.glob(os.path.join(sys.argv[2], package["path"], "*.nupkg"))))
print(f"{total / 1e6:.1f}")
PY
  )
  if ! "$folder/published/$(basename "$folder")" "$base" "$folder/trained" check > "$folder/check.log" 2>&1; then
    failed=1
    echo "$name: the published program fails: $(head -n 1 "$folder/check.log")" >&2
  fi
  measure "$name" "$folder/published" "$size" "$warnings" "$folder/published/$(basename "$folder")" "$base" "$work/adapter" "$rows"
  rm -rf "$folder"
}

echo "model $(basename "$model"), $(nproc) cores, $(sed -n 's/^model name\s*: //p' /proc/cpuinfo | head -n 1)"
echo "| program | packages, MB | published, MB | peak memory, MB | first answer, ms | one text, ms | warnings |"
echo "|---|---|---|---|---|---|---|"
base=$model
row "library + libtorch, framework-dependent" library "--no-self-contained" SkTuning $libtorch
row "library + libtorch, self-contained" library "--self-contained" SkTuning $libtorch
row "library + libtorch, single file" library "--self-contained -p:PublishSingleFile=true" SkTuning $libtorch
row "library + libtorch, single file with the natives inside" library \
  "--self-contained -p:PublishSingleFile=true -p:IncludeNativeLibrariesForSelfExtract=true" SkTuning $libtorch
row "library + libtorch, trimmed" library "--self-contained -p:PublishTrimmed=true" SkTuning $libtorch
row "library + libtorch, trimmed single file" library "--self-contained -p:PublishTrimmed=true -p:PublishSingleFile=true" SkTuning $libtorch
row "library + libtorch, native AOT" library "-p:PublishAot=true" SkTuning $libtorch

# The same adapter in ONNX Runtime, in two precisions.
for precision in fp32 int8; do
  wanted "ONNX Runtime $precision" || continue
  base=$work/export-$precision
  dotnet "$tool/SkTuning.Tool.dll" export --onnx "$base" --adapter "$work/adapter" --model "$model" --precision $precision > "$work/export.log" 2>&1 \
    || { cat "$work/export.log"; exit 1; }
  row "ONNX Runtime $precision, framework-dependent" onnx "--no-self-contained" SkTuning.OnnxRuntime
  row "ONNX Runtime $precision, trimmed single file" onnx "--self-contained -p:PublishTrimmed=true -p:PublishSingleFile=true" SkTuning.OnnxRuntime
  row "ONNX Runtime $precision, native AOT" onnx "-p:PublishAot=true" SkTuning.OnnxRuntime
done

# The tool starts for each text, so that its time is the time to the first answer.
if wanted "tool"; then
  cat > "$work/tool.sh" <<SH
/usr/bin/env python3 - <<'PY'
import resource, subprocess, time
start = time.monotonic()
out = subprocess.run(["dotnet", "$tool/SkTuning.Tool.dll", "predict", "--model", "$model", "--adapter", "$work/adapter", "where is my parcel?"], capture_output=True, text=True)
print(f"{'label' if out.returncode == 0 else out.stderr}\t{(time.monotonic() - start) * 1000:.0f}\t-\t{resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1000}")
PY
SH
  measure "tool (\`sktuning predict\` with one text)" "$tool" "$(megabytes "$packages/SkTuning.Tool.linux-x64.$version.nupkg")" "" bash "$work/tool.sh"
fi
exit $failed
