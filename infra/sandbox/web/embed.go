// Package web holds the sandbox's page: Teams in miniature, with the tab at one side and people's chats at the other. Its
// build (make web) lands in dist, which is not committed; without it a page is served that says so. It imports nothing.
package web

import (
	"embed"
	"io/fs"
)

// The pattern matches dist-missing.html, which is committed, so that the package always compiles.
//
//go:embed all:dist*
var files embed.FS

// Page is the built page, and whether it has been built. Unbuilt, it holds one index.html that tells how to build it.
func Page() (page fs.FS, built bool) {
	if _, err := fs.Stat(files, "dist/index.html"); err == nil {
		if dist, err := fs.Sub(files, "dist"); err == nil {
			return dist, true
		}
	}
	return missing{}, false
}

// missing serves dist-missing.html as index.html.
type missing struct{}

func (missing) Open(name string) (fs.File, error) {
	if name == "index.html" {
		return files.Open("dist-missing.html")
	}
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}
