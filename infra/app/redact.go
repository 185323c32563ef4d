package app

import (
	"bytes"
	"encoding/json"
	"io"
	"net/url"
	"regexp"
	"slices"
	"strconv"
)

// redactor is where logs go through: it blots out the secrets of the configuration, and whatever looks like a signed token. No
// part of Herald logs them on purpose; this is for the error text of a library that does.
type redactor struct {
	out     io.Writer
	secrets [][]byte
}

// token is a JSON Web Token: header and payload begin with {" in base64.
var token = regexp.MustCompile(`eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*`)

var blot = []byte("[secret]")

// shortest is the length below which a secret is left alone: blotting out every "a" would hide the log, not the secret.
const shortest = 6

func redacting(out io.Writer, cfg Config) io.Writer {
	r := &redactor{out: out}
	add := func(s string) {
		if len(s) < shortest {
			return
		}
		quoted := strconv.Quote(s)
		inJSON, _ := json.Marshal(s) // a string can be written
		for _, form := range []string{s, quoted[1 : len(quoted)-1], string(inJSON[1 : len(inJSON)-1]), url.QueryEscape(s), url.PathEscape(s)} {
			if b := []byte(form); !slices.ContainsFunc(r.secrets, func(have []byte) bool { return bytes.Equal(have, b) }) {
				r.secrets = append(r.secrets, b)
			}
		}
	}
	add(cfg.LinkKey)
	add(cfg.Credential.Secret)
	add(cfg.Credential.CertificatePassword)
	for _, address := range []string{cfg.DatabaseURL, cfg.RedisURL} {
		if u, err := url.Parse(address); err == nil && u.User != nil {
			password, _ := u.User.Password()
			add(password)
		}
	}
	// The longest first: one may hold another.
	slices.SortFunc(r.secrets, func(a, b []byte) int { return len(b) - len(a) })
	return r
}

// Write gets a whole line: slog's handlers write each record at once.
func (r *redactor) Write(line []byte) (int, error) {
	clean := line
	for _, s := range r.secrets {
		clean = bytes.ReplaceAll(clean, s, blot)
	}
	if bytes.Contains(clean, []byte("eyJ")) {
		clean = token.ReplaceAll(clean, blot)
	}
	if _, err := r.out.Write(clean); err != nil {
		return 0, err
	}
	return len(line), nil
}
