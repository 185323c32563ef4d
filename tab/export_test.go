package tab

import (
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
)

// A workbook of many people grows in a temporary file. When the database goes away, or whoever asked for it, nobody's data stays behind.
func TestBrokenExportLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	left := func() int {
		files, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		return len(files)
	}
	s := &Server{Log: slog.New(slog.DiscardHandler)}
	for _, gone := range []error{nil, errors.New("the database is away")} {
		func() {
			defer func() {
				if p := recover(); (p != nil) != (gone != nil) || p != nil && p != http.ErrAbortHandler {
					t.Errorf("after %v: %v", gone, p)
				}
			}()
			_ = s.stream(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/recipients.xlsx", nil), func(out rows) error {
				for range 600 { // more than the 16 MB that are held in memory
					if err := out.row([]string{strings.Repeat("a", 30_000)}); err != nil {
						t.Fatal(err)
					}
				}
				if left() == 0 {
					t.Fatal("there is no temporary file; make the export larger")
				}
				return gone
			})
		}()
		if n := left(); n != 0 {
			t.Errorf("after %v %d temporary files are left", gone, n)
		}
	}
}
