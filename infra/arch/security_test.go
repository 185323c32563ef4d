package arch

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	testNamed   = regexp.MustCompile("`((?:Test|Fuzz)[A-Za-z0-9_]+)`")
	testDefined = regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)[A-Za-z0-9_]+)\(`)
	boundary    = regexp.MustCompile(`(?m)^### (.+)$`)
	threat      = regexp.MustCompile(`(?m)^\| [STRIDE] \|.*$`)
)

// tests are the names of all Go tests of the repository, those of other modules in it too.
func tests(t *testing.T) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "node_modules" || d.Name() == ".git" || d.Name() == "data") {
			return fs.SkipDir
		}
		if !strings.HasSuffix(path, "_test.go") {
			return nil
		}
		raw, err := os.ReadFile(path)
		for _, m := range testDefined.FindAllSubmatch(raw, -1) {
			names[string(m[1])] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// SECURITY.md promises a test for each threat: each that it names exists, and a threat without one says whose it is.
func TestThreatsHaveTheirTests(t *testing.T) {
	raw, err := os.ReadFile("../../SECURITY.md")
	if err != nil {
		t.Fatal(err)
	}
	defined, named := tests(t), 0
	for _, m := range testNamed.FindAllSubmatch(raw, -1) {
		named++
		if !defined[string(m[1])] {
			t.Errorf("SECURITY.md names %s, and there is no such test", m[1])
		}
	}
	if named < 50 {
		t.Errorf("SECURITY.md names only %d tests", named)
	}
	_, model, _ := bytes.Cut(raw, []byte("## The threat model\n"))
	for _, line := range threat.FindAll(model, -1) {
		cells := strings.Split(strings.Trim(string(line), "| "), "|")
		if len(cells) != 4 {
			t.Errorf("a threat has %d cells instead of 4: %s", len(cells), line)
			continue
		}
		if tests := strings.TrimSpace(cells[3]); !testNamed.MatchString(tests) && !strings.HasPrefix(tests, "-") {
			t.Errorf("no test, and no dash: %s", line)
		}
	}
	sections := boundary.FindAllSubmatchIndex(model, -1)
	if len(sections) < 10 {
		t.Errorf("only %d boundaries", len(sections))
	}
	for i, s := range sections {
		end := len(model)
		if i+1 < len(sections) {
			end = sections[i+1][0]
		}
		if !threat.Match(model[s[1]:end]) {
			t.Errorf("%s has no threats", model[s[2]:s[3]])
		}
	}
}
