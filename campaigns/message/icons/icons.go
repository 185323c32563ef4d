// Package icons holds the pictures that tell the formats apart in a chat:
// idea.png, success.png, important.png and survey.png, 80×80 pixels, shown at
// 40×40. Cards name them by address, so the HTTP server serves FS.
//
// They stand on light, dark and high-contrast cards alike: each is a filled
// shape of its own (no two differ by colour alone) with at least 3:1 contrast
// against white, Teams' dark grey and black, and a white sign inside.
//
// The SVG beside each PNG is its source; manifest/icons/render.sh (make icons)
// renders it. The package imports nothing.
package icons

import "embed"

// FS holds the PNG files at its root.
//
//go:embed *.png
var FS embed.FS
