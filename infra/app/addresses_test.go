package app

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
)

// Nobody's address gets into a log, from wherever a line has it; ids, times and places stay readable.
func TestLogsHoldNoAddresses(t *testing.T) {
	for _, format := range []string{"text", "json"} {
		var out bytes.Buffer
		log := logger(Config{LogLevel: "debug", LogFormat: format}, &out)
		log.Info("asked for ann.berg@contoso.example", "err", fmt.Errorf("get: %w", errors.New(`"Élodie.Durand@Mail.Contoso.Example" does not exist`)),
			"url", "https://graph.example/v1.0/users/bob+x@contoso.example?$filter=mail%20eq%20'carl%40contoso.example'", "outcome", struct{ To string }{"dora@contoso.example"}, "list", []string{"yves@contoso.example"},
			"person", "7e0e7e0e-aaaa-4aaa-8aaa-0123456789ab", "at", "12:30", "n", 7, "meal", "tea @ noon")
		text := out.String()
		for _, name := range []string{"ann", "durand", "bob", "carl", "dora", "yves"} {
			if strings.Contains(strings.ToLower(text), name) {
				t.Errorf("%s holds %s: %s", format, name, text)
			}
		}
		for _, kept := range []string{"7e0e7e0e-aaaa-4aaa-8aaa-0123456789ab", "12:30", "tea @ noon", "asked for (address)", "does not exist", "graph.example"} {
			if !strings.Contains(text, kept) {
				t.Errorf("%s lacks %q: %s", format, kept, text)
			}
		}
	}
}
