// Package web carries the author's page inside Teams: the React application in src,
// built by "make web" (npm ci && npm run build) into dist, and embedded here so that
// Herald stays one binary. It imports nothing of Herald's. Start reading at
// src/main.tsx for the page and at FS for what the server gets.
package web

import (
	"embed"
	"io/fs"
)

// built holds dist/ when the page was built, and always dist-missing.html, so that the
// pattern matches on a fresh checkout and "go build" works without Node.js.
//
//go:embed all:dist*
var built embed.FS

// FS returns the files of the page with index.html at the root. When the page was not
// built before Herald was compiled, it holds one file, an index.html that says so.
func FS() fs.FS { return pick(built) }

func pick(files fs.FS) fs.FS {
	if dist, err := fs.Sub(files, "dist"); err == nil {
		if _, err := fs.Stat(dist, "index.html"); err == nil {
			return dist
		}
	}
	return missing{files}
}

// missing shows dist-missing.html as the only file, under the name index.html.
type missing struct{ files fs.FS }

// Open implements fs.FS.
func (m missing) Open(name string) (fs.File, error) {
	if name != "index.html" {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return m.files.Open("dist-missing.html")
}
