#!/usr/bin/env bash
# Line coverage of src by the tests, for each package and in total. Without arguments, all tests run, which takes longer than without measuring; arguments select
# tests:
#
#   eng/coverage.sh --filter-namespace "SkTuning.Tests.Heads" --ignore-exit-code 8     8: a project without such tests
#
# The file coverage.*.json in artifacts/coverage has the lines.
set -euo pipefail
cd "$(dirname "$0")/.."
out=artifacts/coverage
rm -rf "$out"
# An output folder of its own: assemblies are changed in place while they are measured, and the usual output folders share them by hard links.
own="-p:SkTuningCoverage=true -p:ArtifactsPath=$PWD/artifacts/coverage-build"
dotnet build $own -v q -nologo
# Each test project changes its assemblies: they must not share them by hard links either. They run one at a time, or measurements are lost.
find artifacts/coverage-build/bin/SkTuning.Tests* -name 'SkTuning*.dll' -links +1 -exec sh -c 'cp "$1" "$1.own" && mv "$1.own" "$1"' _ {} \;
# With a file of its own, coverlet does not exclude the assembly SkTuning because the tests are named SkTuning.Tests.
for tests in tests/SkTuning.Tests*; do
  name=$(basename "$tests")
  cat > "artifacts/coverage-build/bin/$name/debug/$name.testconfig.json" <<'JSON'
{ "platformOptions": { "Coverlet": { "include": "[SkTuning*]*", "exclude": "[SkTuning.Tests*]*,[SkTuning.Scenarios]*", "format": "json",
  "excludeByAttribute": "GeneratedCodeAttribute,ExcludeFromCodeCoverageAttribute" } } }
JSON
done
# The test of a million rows takes too long in measured code.
for tests in tests/SkTuning.Tests*; do
  name=$(basename "$tests")
  dotnet test $own --no-build --project "$tests/$name.csproj" "$@" --results-directory "$PWD/$out/$name" \
    --filter-not-method "*A_million_rows_take_seconds_and_not_minutes" --coverlet || failed=$?
done
python3 - "$out" <<'PY'
import json, pathlib, sys

lines = {}
for file in pathlib.Path(sys.argv[1]).rglob("*.json"):
    for module, sources in json.load(open(file)).items():
        own = lines.setdefault(module.removesuffix(".dll"), {})
        for source, classes in sources.items():
            if "/obj/" in source:      # generated while compiling: JSON, regular expressions
                continue
            for methods in classes.values():
                for method in methods.values():
                    for line, hits in method["Lines"].items():
                        own[source, line] = max(hits, own.get((source, line), 0))
if not lines:
    sys.exit("no coverage was written")
total = {}
for module, own in sorted(lines.items()):
    total |= own
    print(f"{100 * sum(h > 0 for h in own.values()) / max(1, len(own)):5.1f} %  of {len(own):6} lines  {module}")
print(f"{100 * sum(h > 0 for h in total.values()) / len(total):5.1f} %  of {len(total):6} lines  in total")
PY
exit "${failed:-0}"
