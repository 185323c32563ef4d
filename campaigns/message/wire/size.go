package wire

import (
	"bytes"
	"unicode/utf8"
)

// MaxSize is the size, as Size counts it, up to which Herald sends an activity.
// Teams' limit is about 100 KB and its documentation asks to keep to 80 KB; what
// is larger is answered with 413 MessageSizeTooBig (platform.md §1, from
// msteams-docs bots/how-to/includes/agent-message-size-limit).
const MaxSize = 80 * 1024

var (
	dataImage = []byte("data:image/")
	base64Tag = []byte(";base64,")
)

// Size is the size in bytes of an encoded activity as Teams counts it: in
// UTF-16, without the content of base64 images (same source as MaxSize). It
// counts the whole JSON, which is a little more than Teams counts: an activity
// that passes here is never refused there for a structure we did not count.
func Size(body []byte) int {
	units := 0
	for len(body) > 0 {
		if bytes.HasPrefix(body, dataImage) {
			n, encoded := imageHeader(body)
			units += n
			body = body[n:]
			if encoded {
				body = body[base64Len(body):]
			}
			continue
		}
		r, n := utf8.DecodeRune(body)
		units++
		if r > 0xFFFF {
			units++ // a surrogate pair
		}
		body = body[n:]
	}
	return 2 * units
}

// imageHeader is the length of "data:image/png;base64," at the start of b, or,
// when no base64 is announced there, of "data:image/" alone: then what follows
// is ordinary text and counts. The header is ASCII: its bytes are UTF-16 units.
func imageHeader(b []byte) (n int, base64 bool) {
	rest := b[len(dataImage):]
	for n < len(rest) && n < 32 && isMediaType(rest[n]) {
		n++
	}
	if bytes.HasPrefix(rest[n:], base64Tag) {
		return len(dataImage) + n + len(base64Tag), true
	}
	return len(dataImage), false
}

func base64Len(b []byte) int {
	n := 0
	for n < len(b) && isBase64(b[n]) {
		n++
	}
	return n
}

func isMediaType(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '+' || c == '-' || c == '.'
}

func isBase64(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '+' || c == '/' || c == '='
}
