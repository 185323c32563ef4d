package check

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"
)

const top = "../../.."

func read(t *testing.T, path string) []byte {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// The Dockerfile parses, BuildKit's own linter has nothing to say, what it copies is in the context, and the last stage is
// as small and as powerless as it claims.
func TestDockerfile(t *testing.T) {
	ast, err := parser.Parse(bytes.NewReader(read(t, "../Dockerfile")))
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range ast.Warnings {
		t.Errorf("%s (%s)", w.Short, w.URL)
	}
	lint := linter.New(&linter.Config{Warn: func(rule, _, _, message string, at []parser.Range) {
		t.Errorf("%s: %s %v", rule, message, at)
	}})
	stages, _, err := instructions.Parse(ast.AST, lint)
	if err != nil {
		t.Fatal(err)
	}
	patterns, err := ignorefile.ReadAll(bytes.NewReader(read(t, top+"/.dockerignore")))
	if err != nil {
		t.Fatal(err)
	}
	ignored, err := patternmatcher.New(patterns)
	if err != nil {
		t.Fatal(err)
	}
	for _, stage := range stages {
		if stage.BaseName != "scratch" && !regexp.MustCompile(`^[a-z]+:[0-9][0-9.]*-[a-z-]+$`).MatchString(stage.BaseName) {
			t.Errorf("%s is no image with a version", stage.BaseName)
		}
		for _, c := range stage.Commands {
			from, ok := c.(*instructions.CopyCommand)
			if !ok || from.From != "" {
				continue
			}
			for _, source := range from.SourcePaths {
				if _, err := os.Stat(filepath.Join(top, source)); err != nil {
					t.Errorf("COPY %s: %v", source, err)
				}
				if gone, _ := ignored.MatchesOrParentMatches(filepath.Clean(source)); gone && source != "." {
					t.Errorf("COPY %s: .dockerignore keeps it out", source)
				}
			}
		}
	}
	// What the program is built from must reach the build, and secrets must not.
	for path, want := range map[string]bool{
		"main.go": false, "campaigns/message/icons/idea.png": false, "tab/web/src/main.tsx": false, "tab/web/dist-missing.html": false,
		".git/config": true, "tab/web/node_modules/react/index.js": true, "data/herald.db": true, "infra/deploy/.env": true, "tab/web/dist/index.html": true,
	} {
		if gone, _ := ignored.MatchesOrParentMatches(path); gone != want {
			t.Errorf(".dockerignore keeps %s out: %v, want %v", path, gone, want)
		}
	}
	last := stages[len(stages)-1]
	if last.BaseName != "scratch" {
		t.Errorf("the last stage is made from %s", last.BaseName)
	}
	var user, health, entry string
	for _, c := range last.Commands {
		switch c := c.(type) {
		case *instructions.UserCommand:
			user = c.User
		case *instructions.HealthCheckCommand:
			health = strings.Join(c.Health.Test, " ")
		case *instructions.EntrypointCommand:
			entry = strings.Join(c.CmdLine, " ")
		case *instructions.RunCommand:
			t.Error("a scratch image has nothing to RUN with")
		}
	}
	if user != "65532:65532" || health != "CMD /herald probe" || entry != "/herald" {
		t.Errorf("user %q, health check %q, entry point %q", user, health, entry)
	}
	version := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindSubmatch(read(t, top+"/go.mod"))
	if version == nil || !strings.HasPrefix(stages[1].BaseName, "golang:"+string(version[1])) {
		t.Errorf("go.mod says go %s, the image is %s", version[1], stages[1].BaseName)
	}
}
