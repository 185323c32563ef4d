package health

import (
	"encoding/json"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"herald/infra/golden"
)

const pageWords = "../../tab/web/src/i18n/"

// TestThePageSaysTheSame: the terminal and the page tell an admin the same thing. The French is compared by the compiler,
// key by key, and here for what its texts are filled with.
func TestThePageSaysTheSame(t *testing.T) {
	quote := func(s string) string {
		raw, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		return string(raw)
	}
	var b strings.Builder
	b.WriteString("import type { Entry } from \"../entry\";\n\n" +
		"/** What the health page finds: cause, and what to do. Written by `go test ./infra/health -update` from words.go there. */\n" +
		"export const health = {\n")
	line := func(key, text string) {
		one := "  " + quote(key) + ": " + quote(text) + ",\n"
		if len([]rune(one)) > 121 { // as the formatter breaks it
			one = "  " + quote(key) + ":\n    " + quote(text) + ",\n"
		}
		b.WriteString(one)
	}
	for _, check := range slices.Sorted(maps.Keys(Checks)) {
		line("health.check."+check, Checks[check])
	}
	for _, code := range slices.Sorted(maps.Keys(Codes)) {
		line("health."+code, Codes[code].cause)
		if Codes[code].remedy != "" {
			line("health."+code+".do", Codes[code].remedy)
		}
	}
	b.WriteString("} as const satisfies Record<string, Entry>;\n")
	golden.File(t, pageWords+"en/health.ts", []byte(b.String()))

	fr, err := os.ReadFile(pageWords + "fr/health.ts")
	if err != nil {
		t.Fatal(err)
	}
	english, french := texts(b.String()), texts(string(fr))
	if len(english) == 0 || len(english) != len(french) {
		t.Fatalf("%d texts in English, %d in French", len(english), len(french))
	}
	for key, text := range english {
		if got := french[key]; !slices.Equal(filled(got), filled(text)) {
			t.Errorf("%s is filled with %v in English and %v in French", key, filled(text), filled(got))
		}
	}
}

var entry = regexp.MustCompile(`(?m)^  "([^"]+)":\s+"((?:[^"\\]|\\.)*)",$`)

func texts(source string) map[string]string {
	out := map[string]string{}
	for _, m := range entry.FindAllStringSubmatch(source, -1) {
		out[m[1]] = m[2]
	}
	return out
}

var name = regexp.MustCompile(`\{\w+\}`)

func filled(text string) []string {
	names := name.FindAllString(text, -1)
	slices.Sort(names)
	return slices.Compact(names)
}
