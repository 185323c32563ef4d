package e2e

import (
	"os"
	"path/filepath"
	"testing"
)

// TestMain removes the program that the tests built.
func TestMain(m *testing.M) {
	code := m.Run()
	if binary != "" {
		_ = os.RemoveAll(filepath.Dir(binary)) // in the temporary folder; nothing depends on its going
	}
	os.Exit(code)
}
