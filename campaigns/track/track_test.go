package track_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"math"
	"strings"
	"sync"
	"testing"

	"herald/campaigns/track"
)

var key = bytes.Repeat([]byte("k"), 32)

func token(s *track.Signer, r track.Ref) string { return string(s.Append(nil, r)) }

func TestTokensComeBack(t *testing.T) {
	t.Parallel()
	s := track.New(key)
	seen := map[string]bool{}
	for _, r := range []track.Ref{{}, {1, 1, 0}, {1, 0, 1}, {0, 1, 1}, {127, 128, 0}, {300, 1_000_000, 12}, {math.MaxUint64, math.MaxUint64, math.MaxUint64}} {
		tok := token(s, r)
		if got, ok := s.Parse(tok); !ok || got != r {
			t.Errorf("%+v came back as %+v, %t", r, got, ok)
		}
		if len(tok) > track.MaxLen {
			t.Errorf("%q has %d characters; MaxLen is %d", tok, len(tok), track.MaxLen)
		}
		if strings.Trim(tok, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") != "" {
			t.Errorf("%q needs escaping in an address", tok)
		}
		if seen[tok] {
			t.Errorf("%q is two links", tok)
		}
		seen[tok] = true
	}
	// What a person's chat gets to show, for a campaign of a million people.
	if n := len(token(s, track.Ref{Campaign: 5000, Seq: 1_000_000, Link: 3})); n > 36 {
		t.Errorf("an ordinary token has %d characters", n)
	}
	// Tokens live in chats for years: what was signed once must stay readable.
	if want := "AQcqA3dtn6NBPQWM10ToY5EKens"; token(s, track.Ref{Campaign: 7, Seq: 42, Link: 3}) != want {
		t.Errorf("the token is now %q", token(s, track.Ref{Campaign: 7, Seq: 42, Link: 3}))
	}
}

func TestForgedTokens(t *testing.T) {
	t.Parallel()
	s := track.New(key)
	good := token(s, track.Ref{Campaign: 7, Seq: 42, Link: 3})
	raw, err := base64.RawURLEncoding.DecodeString(good)
	if err != nil {
		t.Fatal(err)
	}
	enc := base64.RawURLEncoding.EncodeToString
	signed := func(domain string, payload ...byte) string {
		m := hmac.New(sha256.New, key)
		m.Write([]byte(domain))
		m.Write(payload)
		return enc(append(payload, m.Sum(nil)[:16]...))
	}
	const domain = "herald tracked link\x00"
	if _, ok := s.Parse(signed(domain, 1, 7, 42, 3)); !ok {
		t.Fatal("this table does not sign as Herald does")
	}
	for name, bad := range map[string]string{
		"empty":                  "",
		"one letter":             "A",
		"signature alone":        enc(raw[4:]),
		"no signature":           enc(raw[:4]),
		"cut":                    good[:len(good)-1],
		"longer":                 good + "A",
		"padded":                 good + "=",
		"a line break":           good[:5] + "\n" + good[5:],
		"standard alphabet":      base64.RawStdEncoding.EncodeToString(append([]byte{1, 0xff, 0xfe}, raw...)),
		"other key":              token(track.New(bytes.Repeat([]byte("x"), 32)), track.Ref{Campaign: 7, Seq: 42, Link: 3}),
		"zero signature":         enc(append(bytes.Clone(raw[:4]), make([]byte, 16)...)),
		"signed for another use": signed("", 1, 7, 42, 3),
		"other version":          signed(domain, 2, 7, 42, 3),
		"a needless zero":        signed(domain, 1, 0x87, 0, 42, 3),
		"a field too few":        signed(domain, 1, 7, 42),
		"a field too many":       signed(domain, 1, 7, 42, 3, 0),
		"a number too large":     signed(domain, 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 42, 3),
		"not text":               "\x00\xff",
		"an address":             "https://evil.example/",
		"huge":                   strings.Repeat("A", 1<<20),
	} {
		if r, ok := s.Parse(bad); ok {
			t.Errorf("%s: %q was taken for %+v", name, bad, r)
		}
	}
	for i := range len(raw) * 8 {
		flipped := bytes.Clone(raw)
		flipped[i/8] ^= 1 << (i % 8)
		if r, ok := s.Parse(enc(flipped)); ok {
			t.Errorf("with bit %d turned it is %+v", i, r)
		}
	}
}

func TestShortKeyIsRefused(t *testing.T) {
	t.Parallel()
	defer func() {
		if recover() == nil {
			t.Error("a key of 31 bytes was taken")
		}
	}()
	track.New(key[:31])
}

// A signer is shared by all senders; run with -race.
func TestSignConcurrently(t *testing.T) {
	t.Parallel()
	s := track.New(key)
	var wg sync.WaitGroup
	for g := range uint64(8) {
		wg.Go(func() {
			for i := range uint64(500) {
				r := track.Ref{Campaign: g, Seq: i, Link: i % 3}
				if got, ok := s.Parse(token(s, r)); !ok || got != r {
					t.Errorf("%+v came back as %+v, %t", r, got, ok)
					return
				}
			}
		})
	}
	wg.Wait()
}

func FuzzParse(f *testing.F) {
	s := track.New(key)
	f.Add(token(s, track.Ref{Campaign: 7, Seq: 42, Link: 3}))
	f.Add(token(s, track.Ref{Campaign: math.MaxUint64, Seq: 1, Link: 0}))
	f.Add("AQcqAw")
	f.Add("")
	f.Fuzz(func(t *testing.T, in string) {
		if r, ok := s.Parse(in); ok && token(s, r) != in {
			t.Errorf("%q is read as %+v, which is written %q", in, r, token(s, r))
		}
	})
}

func BenchmarkAppend(b *testing.B) {
	s := track.New(key)
	var buf [track.MaxLen]byte
	for b.Loop() {
		s.Append(buf[:0], track.Ref{Campaign: 5000, Seq: 1_000_000, Link: 3})
	}
}
