#!/usr/bin/env bash
# The first hour of a user: packages from a folder, an empty home, an empty package cache, an empty folder, the commands and the ten lines of README.md as they are
# written, the tool, F#, and the ASP.NET sample. Several minutes; Linux only.
#
#   eng/newcomer.sh [PACKAGES [MODEL]]
#
# PACKAGES is a folder of packages; without it, the solution is packed. What the packages depend on comes from the configured sources and from the package cache of
# this machine. The hub is eng/hub.py on this machine with the model folder MODEL; where that is missing, TinyModel.Load() replaces the first line. The default is
# ../shared/models/minilm.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
repository=$PWD
served=$(realpath -m "${2:-../shared/models/minilm}")
failed=0 began=$SECONDS step=$SECONDS
title() { step=$SECONDS; echo "== $*"; }
took() { echo "   $((SECONDS - step)) s"; }
check() { if eval "$2"; then echo "passed: $1"; else failed=1; echo "failed: $1"; fi; }
# quietly COMMAND...: shows the output only if the command fails.
quietly() { "$@" > "$work/log" 2>&1 || { failed=1; echo "failed: $*"; tail -n 40 "$work/log"; return 1; }; }

packages=${1:-}
if [ -z "$packages" ]; then
  title "Packages of the solution"
  packages=$repository/artifacts/newcomer-packages
  rm -rf "$packages"
  dotnet pack SkTuning.sln -c Release -o "$packages" -v q -nologo || exit 1
  took
fi
. eng/empty-app.sh "$packages"

# From here on a stranger's machine.
export HOME="$work/home" DOTNET_GENERATE_ASPNET_CERTIFICATE=false no_proxy="127.0.0.1,${no_proxy:-}"
mkdir -p "$HOME" "$work/first"
export DOTNET_ROOT=$(dirname "$(realpath "$(command -v dotnet)")")
unset DOTNET_CLI_HOME XDG_CACHE_HOME XDG_DATA_HOME "${!HF_@}" "${!HUGGING@}"
cd "$work/first" || exit 1

title "The ten lines of README.md"
awk '/^```csharp$/ { inside = 1; next } inside && /^```$/ { exit } inside' "$repository/README.md" > lines.txt
awk '/^```csharp$/ { exit } /^dotnet add package / { sub(/ *#.*/, ""); print }' "$repository/README.md" > commands
name=$(sed -n 's/.*FromHubAsync("\([^"]*\)").*/\1/p' lines.txt | head -n 1)
hub=
if [ -z "$name" ]; then why="the lines name no model of the hub"
elif [ ! -f "$served/config.json" ]; then why="there is no model in $served"
elif ! command -v python3 > /dev/null; then why="eng/hub.py needs python3"
else
  coproc HUB { exec python3 "$repository/eng/hub.py" "$served" "$name"; }
  trap 'kill "$HUB_PID" 2> /dev/null; rm -rf "$work"' EXIT
  read -r -t 30 hub <&"${HUB[0]}" || { echo "failed: eng/hub.py did not start"; exit 1; }
  export HF_ENDPOINT=$hub
  echo "   The hub is $hub and has $name."
fi
if [ -z "$hub" ]; then
  echo "   TinyModel.Load() replaces the first line, because $why."
  sed -i -E 's/(using var model = )[^;]*;/\1TinyModel.Load();/' lines.txt
  echo "dotnet add package SkTuning.Models.Tiny --prerelease" >> commands
fi
for label in delivery returns; do grep -P "\t$label\$" "$repository/assets/data/support/train.tsv" | head -n 16; done > rows
{ head -n 1 "$repository/assets/data/support/train.tsv"; cat rows; } > messages.tsv
quietly dotnet new console
cp lines.txt Program.cs
while read -r line; do echo "   \$ $line"; quietly $line; done < commands
took
step=$SECONDS
check "the lines build without a warning" 'dotnet build -v q -nologo > build.log 2>&1 && ! grep -qE "warning|error" build.log'
grep -E "warning|error" build.log | sort -u | head -n 5
check "the lines run" 'dotnet run --no-build > out.log 2> err.log'
sed 's/^/   | /' out.log err.log | cut -c1-160
check "the adapter is saved" '[ -f support-adapter/adapter.safetensors ]'
check "the output says whether the adapter helped" 'grep -qiE "adapter|head alone" out.log'
[ -n "$hub" ] && check "the adapter remembers $name" "grep -q '\"hub\": \"$name\"' support-adapter/adapter.json"
took
echo "   $(ls "$NUGET_PACKAGES" | wc -l) packages in the cache: $(megabytes "$NUGET_PACKAGES") MB, of which libtorch $(megabytes "$NUGET_PACKAGES/libtorch-cpu-linux-x64") MB"

title "The tool"
check "it is installed" 'quietly dotnet tool install --global SkTuning.Tool --prerelease'
export PATH="$HOME/.dotnet/tools:$PATH"
check "it answers with the adapter of the program, without --model" \
  '[ "$(sktuning predict --adapter support-adapter "where is my parcel?" 2> predict.log | cut -f 1)" = delivery ]'
sed 's/^/   | /' predict.log
check "it says which model that is" 'grep -q "^Model: " predict.log'
check "it trains" 'sktuning train --train messages.tsv --method probe --prompt "Topic:" --out second > train.log 2>&1'
check "its adapter answers" 'sktuning predict --adapter second "I want my money back" 2> /dev/null | grep -q "^returns"'
took

# sample NAME TEMPLATE PACKAGE...: a new project from a template, with the program and the data of a sample.
sample() {
  local folder
  folder=$(ls -d "$repository"/samples/*-"$1") || return 1
  mkdir "$work/$1" && cd "$work/$1" || return 1
  quietly dotnet new $2 || return 1
  cp "$folder"/Program.* .
  for package in "${@:3}"; do quietly dotnet add package ${package/@/ --version } $([[ $package == *@* ]] || echo --prerelease) || return 1; done
  sed -i "s|</Project>|<ItemGroup><Content Include=\"$repository/assets/data/**/*\" LinkBase=\"assets/data\" CopyToOutputDirectory=\"PreserveNewest\" /></ItemGroup></Project>|" *proj
  dotnet run --no-launch-profile > out.log 2> err.log || { tail -n 20 out.log err.log; return 1; }
  sed 's/^/   | /' out.log | cut -c1-160
}

title "F#"
check "the sample runs" 'sample fsharp "console -lang F#" SkTuning SkTuning.Models.Tiny "$libtorch"'
check "it answers" 'grep -q delivery out.log'
took

title "ASP.NET"
check "the sample runs" 'sample web-api web SkTuning.Serving SkTuning.Models.Tiny "$libtorch"'
check "it is healthy, answers, and refuses an unknown adapter" 'grep -q "^Healthy" out.log && grep -q "^200 .*delivery" out.log && grep -q "^404 " out.log'
took

echo "$((SECONDS - began)) s in all"
exit $failed
