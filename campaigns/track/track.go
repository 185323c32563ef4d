// Package track makes and reads the tokens of tracked links, /l/{token}.
//
// A token names a link of one recipient's message and is signed. It holds no address, so that no token, forged or
// not, can send anybody anywhere but where an author's link goes. It is a leaf: it imports nothing of ours and knows no
// database. Start reading at Signer.
package track

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"hash"
	"sync"
)

const (
	// version is the first byte of every token, for the day when they hold something else.
	version = 1
	macSize = 16
	maxRaw  = 1 + 3*binary.MaxVarintLen64 + macSize
	// MaxLen is the length of the longest token, in characters.
	MaxLen = (maxRaw*8 + 5) / 6
	// MinKey is the shortest key, in bytes.
	MinKey = 32
	// Path is where tracked links are served, below Herald's public address.
	Path = "/l/"
)

// domain keeps the signature of a token from being one of anything else that the key might ever sign.
var domain = []byte("herald tracked link\x00")

var encoding = base64.RawURLEncoding.Strict()

// Ref names a link in one recipient's message.
type Ref struct {
	Campaign uint64 // the campaign's number, unique over all tenants
	Seq      uint64 // the recipient's number within the campaign
	Link     uint64 // the link's number within the content
}

// Signer makes and reads tokens with the installation's key. It is safe for concurrent use.
type Signer struct {
	macs sync.Pool
}

// mac is a keyed hash with room for what it reads and writes.
type mac struct {
	hash hash.Hash
	raw  [maxRaw]byte
	sum  [sha256.Size]byte
}

// New makes a signer. It panics on a key shorter than MinKey: with such a key tokens could be guessed.
func New(key []byte) *Signer {
	if len(key) < MinKey {
		panic("track: the key is too short")
	}
	key = bytes.Clone(key)
	return &Signer{macs: sync.Pool{New: func() any { return &mac{hash: hmac.New(sha256.New, key)} }}}
}

func (m *mac) sign(payload []byte) []byte {
	m.hash.Reset()
	m.hash.Write(domain)
	m.hash.Write(payload)
	return m.hash.Sum(m.sum[:0])[:macSize]
}

func appendPayload(b []byte, r Ref) []byte {
	b = append(b, version)
	b = binary.AppendUvarint(b, r.Campaign)
	b = binary.AppendUvarint(b, r.Seq)
	return binary.AppendUvarint(b, r.Link)
}

// Append appends the token of a link to b: letters, digits, "-" and "_".
func (s *Signer) Append(b []byte, r Ref) []byte {
	m := s.macs.Get().(*mac)
	raw := appendPayload(m.raw[:0], r)
	raw = append(raw, m.sign(raw)...)
	b = encoding.AppendEncode(b, raw)
	s.macs.Put(m)
	return b
}

// Parse reads a token. ok is false when this key did not sign it, or when it is written in any other way than Append
// writes it.
func (s *Signer) Parse(token string) (r Ref, ok bool) {
	if len(token) > MaxLen {
		return Ref{}, false
	}
	raw, err := encoding.DecodeString(token)
	if err != nil || len(raw) < macSize || raw[0] != version {
		return Ref{}, false
	}
	payload, signature := raw[:len(raw)-macSize], raw[len(raw)-macSize:]
	m := s.macs.Get().(*mac)
	ok = hmac.Equal(m.sign(payload), signature)
	s.macs.Put(m)
	if !ok {
		return Ref{}, false
	}
	rest := payload[1:]
	for _, field := range []*uint64{&r.Campaign, &r.Seq, &r.Link} {
		v, n := binary.Uvarint(rest)
		if n <= 0 {
			return Ref{}, false
		}
		*field, rest = v, rest[n:]
	}
	// DecodeString passes over line breaks, and Uvarint over needless zeros.
	if string(s.Append(nil, r)) != token {
		return Ref{}, false
	}
	return r, true
}
