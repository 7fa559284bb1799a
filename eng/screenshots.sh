#!/usr/bin/env bash
# Creates docs/images/*.png: performs a small run and a small comparison on the embedded model and rows, and takes screenshots of their reports in a headless Chromium, at desktop and
# phone size. Requires Chromium and a font (Debian: apt-get install chromium fonts-dejavu-core). Set CHROMIUM=path and SKTUNING="command" to use others. Takes about three minutes on
# two cores.
set -euo pipefail
cd "$(dirname "$0")/.."

chromium=${CHROMIUM:-$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)}
if [ -z "$chromium" ]; then
  echo "Chromium is required but is not on the PATH: install it (Debian: apt-get install chromium fonts-dejavu-core), or set CHROMIUM=path." >&2
  exit 1
fi
sktuning=${SKTUNING:-dotnet run --project src/SkTuning.Tool -c Release --}
max_bytes=300000                                     # maximum size of a screenshot

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

$sktuning train --train assets/data/support/train.tsv --dev assets/data/support/dev.tsv --prompt "Classify the topic of the customer's message:" --run "$work/support" --epochs 5
$sktuning report "$work/support"
$sktuning compare bench/plans/tiny.json --out "$work/tiny"

# from N PAGE: writes a copy of the page that begins with section N, for screenshots of later sections.
from() {
  sed "0,/<\/style>/s//header, main > section:nth-of-type(-n+$(($1 - 1))) { display: none; }\n&/" "$2" >"$work/from-$1.html"
  echo "$work/from-$1.html"
}

# shot PAGE PICTURE WIDTH HEIGHT [FLAG...]
shot() {
  local page=$1 picture=docs/images/$2.png width=$3 height=$4
  shift 4
  "$chromium" --headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync --hide-scrollbars \
    --user-data-dir="$work/chromium" --window-size="$width,$height" --screenshot="$work/shot.png" "$@" "file://$page" 2>"$work/chromium.log" || { cat "$work/chromium.log" >&2; exit 1; }
  mv "$work/shot.png" "$picture"
  local bytes
  bytes=$(wc -c <"$picture")
  echo "$picture: ${width} x ${height}, $bytes bytes"
  if [ "$bytes" -gt "$max_bytes" ]; then
    echo "$picture has more than $max_bytes bytes: show less of the page." >&2
    exit 1
  fi
}

mkdir -p docs/images
shot "$work/support/report.html" report-run 1000 2250
shot "$(from 4 "$work/support/report.html")" report-run-confidence 1000 1200
shot "$work/support/report.html" report-run-phone 390 1500
shot "$work/tiny/report.html" report-comparison 1000 1900
shot "$(from 7 "$work/tiny/report.html")" report-comparison-curves 1000 1200
shot "$work/tiny/report.html" report-comparison-phone 390 1500 --blink-settings=preferredColorScheme=0
