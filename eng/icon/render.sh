#!/usr/bin/env bash
# Renders the icon of the packages. Needs rsvg-convert.
set -euo pipefail
cd "$(dirname "$0")"
rsvg-convert --width 128 --height 128 icon.svg --output icon.png
ls -l icon.png
