#!/usr/bin/env bash
# Draws the icon in the sizes that desktops ask for; needs rsvg-convert (librsvg2-bin).
set -euo pipefail
cd "$(dirname "$0")"
for size in 48 128 256; do
  rsvg-convert --width "$size" --height "$size" preamble.svg --output "preamble-$size.png"
done
