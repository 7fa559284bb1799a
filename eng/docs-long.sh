#!/usr/bin/env bash
# Runs the commands of the documentation that take minutes or hours: the benchmarks and the comparisons, which write their tables into the pages.
#
#   eng/docs-long.sh [PATTERN]    only those that match, such as 'bench/plans/setfit-8' or 'fuzz'
#
# A command that fails or is interrupted changes no page; a comparison keeps its finished trials in 'NAME-results', which git ignores, and goes on there.
# They read models and data from ../shared, which is not part of the repository. Everything else runs in eng/docs-blocks.py, as part of .ci/run.
set -euo pipefail
cd "$(dirname "$0")/.."
dotnet build src/SkTuning.Tool -c Release -v q -nologo
python3 eng/docs-blocks.py --long artifacts/bin/SkTuning.Tool/release/SkTuning.Tool "$@"
