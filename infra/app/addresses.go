package app

import (
	"fmt"
	"log/slog"
	"regexp"
	"strings"
)

// address is an e-mail address or a user principal name, also one in the query of a URL; not the credentials before a numeric host.
var address = regexp.MustCompile(`[^\s"'<>()\[\]{},;:=&?/\\@]+(?:@|%40)(?:[A-Za-z0-9-]+\.)+[A-Za-z][A-Za-z0-9-]*`)

func redacted(s string) string {
	if !strings.Contains(s, "@") && !strings.Contains(s, "%40") {
		return s
	}
	return address.ReplaceAllString(s, "(address)")
}

// withoutAddresses keeps people's addresses out of logs, wherever they come from: an error may quote what somebody typed. People stand
// there by their object ids.
func withoutAddresses(_ []string, a slog.Attr) slog.Attr {
	switch a.Value.Kind() {
	case slog.KindString:
		a.Value = slog.StringValue(redacted(a.Value.String()))
	case slog.KindAny:
		text := ""
		if err, ok := a.Value.Any().(error); ok {
			text = err.Error()
		} else {
			text = fmt.Sprintf("%+v", a.Value.Any())
		}
		if clean := redacted(text); clean != text {
			a.Value = slog.StringValue(clean)
		}
	}
	return a
}
