#!/usr/bin/env bash
# Makes the API reference and the pages as a web site in artifacts/docs/site, with docfx:
#
#   dotnet tool install --global docfx
#   eng/api-reference.sh
set -euo pipefail
cd "$(dirname "$0")/.."
dotnet build src/SkTuning.Tool -c Release -v q -nologo
docfx docs/docfx.json
