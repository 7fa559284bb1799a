#!/usr/bin/env bash
# In an empty folder: adds the package SkTuning.Tokenizers from a folder of packages, checks that it brings no libtorch, and tokenizes with a tokenizer.json.
set -euo pipefail
packages=$(realpath "${1:-artifacts/packages}")
tokenizer=$(realpath "$(dirname "$0")/../assets/models/tiny")
version=$(ls "$packages" | sed -n 's/^SkTuning\.Tokenizers\.\([0-9].*\)\.nupkg$/\1/p' | tail -n 1)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
export NUGET_PACKAGES="$folder/.packages"
dotnet new console -n Empty -o . >/dev/null
dotnet add package SkTuning.Tokenizers --version "$version" --source "$packages" --no-restore >/dev/null
cat > Program.cs <<'CS'
using SkTuning.Tokenizers;

var tokenizer = TextTokenizer.Load(args[0]);
var ids = tokenizer.EncodeIds("where is my parcel?");
Console.WriteLine($"{ids.Length} tokens: {string.Join(' ', ids)} = '{tokenizer.Decode(ids)}'");
if (tokenizer.Decode(ids) != "where is my parcel?") throw new InvalidOperationException("The tokens do not decode to the text.");
CS
dotnet restore --source "$packages" $(dotnet nuget list source --format Short | sed -n 's/^E \(http.*\)$/--source \1/p') -v q
dotnet run --no-restore -- "$tokenizer"
listed=$(dotnet list package --include-transitive --no-restore)
echo "$listed" | grep -E '^ +> '
if echo "$listed" | grep -qiE 'torch|Parquet|CsvHelper|MathNet'; then
  echo "SkTuning.Tokenizers brings a package that it must not bring." >&2
  exit 1
fi
