#!/usr/bin/env bash
# Uses the packages as a stranger would: the warning and the error without libtorch, the ten lines, what reaches the output folder, what is downloaded, and the tool.
#
#   eng/check-package.sh [PACKAGES]
#
# PACKAGES is a folder of packages (dotnet pack -o); the default is artifacts/packages. Linux only.
set -uo pipefail
. "$(dirname "$0")/empty-app.sh" "${1:-$(dirname "$0")/../artifacts/packages}"
failed=0
check() { if eval "$2"; then echo "passed: $1"; else failed=1; echo "failed: $1"; fi; }
unused='SkiaSharp|SharpZipLib|libtorch_python|libjitbackend_test'

app first SkTuning <<CS
using SkTuning;

using var model = FrozenModel.Load("$model");
using var classifier = TextClassifier.Train(model, RowFile.Load("$repository/assets/data/support/train.tsv"), new() { Method = new ProbeOptions() });
Console.WriteLine(classifier.Predict("where is my parcel?").Label);
CS
cd "$work/first" || exit 1

echo "== Without libtorch"
dotnet build -v q > build.log 2>&1
check "the build warns, with the command" \
  'grep -q "warning SKT0001: first uses SkTuning, but references no libtorch. Run: dotnet add package libtorch-cpu-linux-x64 --version 2.10.0" build.log'
check "nothing else is wrong" '[ "$(grep -oE "(warning|error) [A-Z]+[0-9]+" build.log | sort -u)" = "warning SKT0001" ]'
dotnet build -v q --no-incremental -p:NoWarn=SKT0001 > build.log 2>&1
check "NoWarn suppresses the warning" '! grep -q SKT0001 build.log'
bin/Debug/net10.0/first > out.log 2> err.log
check "the error is one line with the command" \
  '[ "$(grep -c "libtorch is missing" err.log)" = 1 ] && grep -q "SkTuningException: libtorch is missing. Run: dotnet add package libtorch-cpu-linux-x64 --version 2.10.0\$" err.log'
check "no trace on standard output" '[ ! -s out.log ]'
sed -n 1,2p err.log

echo "== With libtorch"
dotnet add package libtorch-cpu-linux-x64 --version 2.10.0 > add.log 2>&1 || cat add.log
dotnet build -v q > build.log 2>&1
check "no warning" '! grep -qE "warning|error" build.log'
check "the program runs" '[ "$(bin/Debug/net10.0/first)" = delivery ]'
check "no unused file in the output" '! find bin | grep -E "$unused"'
dotnet publish -v q -r linux-x64 --no-self-contained -o published > publish.log 2>&1 || cat publish.log
check "no unused file in the publish folder" '! find published | grep -E "$unused"'
check "the published program runs" '[ "$(published/first)" = delivery ]'

echo "== A program that uses SkiaSharp itself"
app drawing SkTuning SkiaSharp@2.88.6 < Program.cs
(cd ../drawing && dotnet build -v q -p:NoWarn=SKT0001 > build.log 2>&1)
check "SkiaSharp is kept" '[ -f ../drawing/bin/Debug/net10.0/SkiaSharp.dll ]'

echo "== A program with reports, which draw with SkiaSharp"
app reports SkTuning.Reports < Program.cs
(cd ../reports && dotnet build -v q -p:NoWarn=SKT0001 > build.log 2>&1)
check "SkiaSharp is kept for reports, SharpZipLib is not" \
  '[ -f ../reports/bin/Debug/net10.0/SkiaSharp.dll ] && ! find ../reports/bin | grep SharpZipLib'

echo "== What comes with SkTuning"
# Without the program's own libtorch: each package, whether only TorchSharp needs it, and its size in the cache.
python3 - obj/project.assets.json "$NUGET_PACKAGES" > tree.log <<'PY'
import json, os, sys

packages = next(iter(json.load(open(sys.argv[1]))["targets"].values()))
graph = {k.split("/")[0]: (k, list(v.get("dependencies", {}))) for k, v in packages.items()}
ids = {k.lower(): k for k in graph}


def closure(start, without=None):
    seen, waiting = set(), [start]
    while waiting:
        at = ids[waiting.pop().lower()]
        if at not in seen and at != without:
            seen.add(at)
            waiting += graph[at][1]
    return seen


def size(package):
    folder = os.path.join(sys.argv[2], graph[package][0].lower())
    return sum(os.path.getsize(os.path.join(d, f)) for d, _, files in os.walk(folder) for f in files) / 1e6


every = closure("SkTuning") - {"SkTuning"}
own = closure("SkTuning", without="TorchSharp") - {"SkTuning"}
for title, names in (("own", own | {"TorchSharp"}), ("only through TorchSharp", every - own - {"TorchSharp"})):
    for name in sorted(names):
        print(f"  {size(name):6.1f} MB  {graph[name][0]} ({title})")
mine, torch = sum(map(size, own)) + size("SkTuning"), sum(map(size, every - own))
print(f"transitive packages: {len(own) + 1} and {len(every - own) - 1} only through TorchSharp")
print(f"cache: {mine:.1f} MB without TorchSharp, its packages and libtorch; with TorchSharp's {mine + torch:.1f} MB; libtorch {size('libtorch-cpu-linux-x64'):.1f} MB")
print("small" if len(own) + 1 <= 10 and mine < 30 else "large")
PY
sed '$d' tree.log
check "at most 10 transitive packages beside TorchSharp's, and under 30 MB" '[ "$(tail -n 1 tree.log)" = small ]'

echo "== The tool"
dotnet tool install SkTuning.Tool --version "$version" --tool-path "$work/tools" --configfile "$work/nuget.config" > tool.log 2>&1 || cat tool.log
check "the tool is installed and works" '"$work/tools/sktuning" doctor | grep -q "^ok *loading"'
check "no file that it does not use" '! find "$work/tools" | grep -E "SharpZipLib|libtorch_python|\.dbg$|\.dwarf$|/SkTuning.*\.xml$"'
for package in "$packages"/SkTuning.Tool.*"$version".nupkg; do echo "$(basename "$package"): $(megabytes "$package") MB"; done
check "each package of the tool is under 160 MB" '[ "$(find "$packages" -name "SkTuning.Tool.*.nupkg" -size +160000000c | wc -l)" = 0 ]'
exit $failed
