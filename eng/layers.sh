#!/usr/bin/env bash
# Prints which folder uses which in each project, and the strongly connected components of the folders.
set -euo pipefail
cd "$(dirname "$0")/.."
table=$(mktemp)
trap 'rm -f "$table"' EXIT
SKTUNING_LAYER_TABLE="$table" dotnet test --project tests/SkTuning.Tests.Repository --filter-class SkTuning.Tests.Architecture.LayeringTests || true
cat "$table"
