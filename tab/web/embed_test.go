package web

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
)

func TestFSAlwaysHasAnIndex(t *testing.T) {
	t.Parallel()
	if _, err := fs.Stat(FS(), "index.html"); err != nil {
		t.Fatalf("index.html: %v", err)
	}
}

func TestPick(t *testing.T) {
	t.Parallel()
	missing := &fstest.MapFile{Data: []byte("run make web")}
	tests := []struct {
		name  string
		files fstest.MapFS
		want  string
	}{
		{"built", fstest.MapFS{"dist/index.html": {Data: []byte("the page")}, "dist-missing.html": missing}, "the page"},
		{"not built", fstest.MapFS{"dist-missing.html": missing}, "run make web"},
		{"build cut off", fstest.MapFS{"dist/assets/a.js": {}, "dist-missing.html": missing}, "run make web"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := fs.ReadFile(pick(tt.files), "index.html")
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(string(got), tt.want) {
				t.Errorf("index.html = %q, want it to contain %q", got, tt.want)
			}
		})
	}
}
