#!/bin/sh
# Renders every icon's SVG source to the PNG beside it, at the size that the
# SVG's width and height name, on transparent. Run it after changing an SVG
# (`make icons`) and commit both files: nothing renders at build time, so a
# machine without a browser builds Herald all the same.
#
# Needs a Chromium (Debian: chromium); CHROMIUM names another one. With
# arguments, renders only those SVG files.
set -eu

root=$(cd "$(dirname "$0")/../.." && pwd)
chromium=${CHROMIUM:-/usr/bin/chromium}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM

if [ $# -eq 0 ]; then
	set -- "$root"/manifest/icons/*.svg "$root"/campaigns/message/icons/*.svg
fi

for svg in "$@"; do
	svg=$(cd "$(dirname "$svg")" && pwd)/$(basename "$svg")
	png=${svg%.svg}.png
	width=$(sed -n 's/.*<svg[^>]* width="\([0-9]*\)".*/\1/p' "$svg")
	height=$(sed -n 's/.*<svg[^>]* height="\([0-9]*\)".*/\1/p' "$svg")
	{
		printf '<!doctype html><style>html,body{margin:0;overflow:hidden}svg{display:block}</style>'
		cat "$svg"
	} >"$work/icon.html"
	# Chromium refuses windows as small as 32 pixels, so it draws on a larger
	# sheet, which `go run` below cuts to size.
	"$chromium" --headless --no-sandbox --disable-gpu --hide-scrollbars \
		--force-device-scale-factor=1 --force-color-profile=srgb \
		--default-background-color=00000000 --window-size=512,512 \
		--user-data-dir="$work/profile" --virtual-time-budget=1000 \
		--screenshot="$work/sheet.png" "file://$work/icon.html" >"$work/log" 2>&1 ||
		{ cat "$work/log" >&2; exit 1; }
	(cd "$root" && go run ./manifest/icons/crop "$work/sheet.png" "$png" "$width" "$height")
	echo "${png#"$root"/} ${width}x${height}"
done
