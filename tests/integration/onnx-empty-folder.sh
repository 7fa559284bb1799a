#!/usr/bin/env bash
# In an empty folder: an app that references only the package SkTuning.OnnxRuntime predicts with an exported adapter, and no libtorch is on the disk.
# Usage: onnx-empty-folder.sh PACKAGES EXPORTED_FOLDER (the folders of 'dotnet pack' and of 'sktuning export').
set -euo pipefail
packages=$(realpath "${1:-artifacts/packages}")
exported=$(realpath "${2:?the folder of an exported adapter}")
version=$(ls "$packages" | sed -n 's/^SkTuning\.OnnxRuntime\.\([0-9].*\)\.nupkg$/\1/p' | tail -n 1)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
export NUGET_PACKAGES="$folder/.packages" DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
dotnet new console -n Empty -o . >/dev/null
dotnet add package SkTuning.OnnxRuntime --version "$version" --source "$packages" --no-restore >/dev/null
cat > Program.cs <<'CS'
using SkTuning;

using var adapter = OnnxAdapter.Load(args[0]);
var predictions = adapter.PredictTexts(["where is my parcel?", "cancel my plan please"]);
foreach (var prediction in predictions) Console.WriteLine(prediction);
if (predictions.Any(p => p.Error is not null)) throw new InvalidOperationException("A text has no prediction.");
CS
dotnet restore --source "$packages" $(dotnet nuget list source --format Short | sed -n 's/^E \(http.*\)$/--source \1/p') -v q
dotnet publish --no-restore -c Release -o published -v q
dotnet published/Empty.dll "$exported"
found=$(find "$folder" \( -iname '*torch*' -o -iname 'libc10*' -o -iname '*libgomp*' \) | head)
if [ -n "$found" ]; then
  echo "libtorch is on the disk: $found" >&2
  exit 1
fi
echo "Published: $(du -sh published | cut -f1), of which for linux-x64: $(du -csh published/*.* published/runtimes/linux-x64 2>/dev/null | tail -n 1 | cut -f1); no libtorch"
