package importer

import (
	"bufio"
	"encoding/xml"
	"errors"
	"io"
	"strings"
)

var (
	errUnpacked = errors.New("more than may be unpacked")
	errToken    = errors.New("a piece of XML is too long")
	errDepth    = errors.New("XML nests too deep")
)

// part is one XML file of a workbook while it is read. Everything about it is
// bounded: the decoder alone would hold a text of any length and elements of any
// depth.
type part struct {
	w     *workbook
	in    io.ReadCloser
	buf   *bufio.Reader
	dec   *xml.Decoder
	left  *int64 // bytes that may still be read, of this part and others
	token int    // bytes since the last token
	depth int
}

func (w *workbook) open(name string, left *int64) (*part, error) {
	f, ok := w.parts[strings.ToLower(name)]
	if !ok {
		return nil, brokenf("no part %q", name)
	}
	in, err := f.Open()
	if err != nil {
		return nil, broken(err)
	}
	p := &part{w: w, in: in, buf: bufio.NewReaderSize(in, 32<<10), left: left}
	p.dec = xml.NewDecoder(p)
	return p, nil
}

// Close can only fail where reading has failed before.
func (p *part) close() { _ = p.in.Close() }

// ReadByte makes part what the decoder reads from without a buffer of its own.
func (p *part) ReadByte() (byte, error) {
	if p.token++; p.token > maxToken {
		return 0, errToken
	}
	if *p.left--; *p.left < 0 {
		return 0, errUnpacked
	}
	return p.buf.ReadByte()
}

func (p *part) Read(b []byte) (int, error) {
	if len(b) == 0 {
		return 0, nil
	}
	c, err := p.ReadByte()
	if err != nil {
		return 0, err
	}
	b[0] = c
	return 1, nil
}

// next gives the next token, and io.EOF at the end of a whole document. The
// archive's checksum is compared on the way there.
func (p *part) next() (xml.Token, error) {
	p.token = 0
	t, err := p.dec.Token()
	switch {
	case err == io.EOF:
		return nil, io.EOF
	case errors.Is(err, errUnpacked):
		return nil, p.w.tooLarge()
	case err != nil:
		return nil, broken(err)
	}
	switch t.(type) {
	case xml.StartElement:
		if p.depth++; p.depth > maxDepth {
			return nil, broken(errDepth)
		}
	case xml.EndElement:
		p.depth--
	}
	return t, nil
}

// each calls fn with every element's beginning; fn may read on.
func (p *part) each(fn func(xml.StartElement) error) error {
	for {
		t, err := p.next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if e, ok := t.(xml.StartElement); ok {
			if err := fn(e); err != nil {
				return err
			}
		}
	}
}

// text reads to the end of the element that has just begun, and gives what its
// <t> and <v> hold: pieces of rich text are one text, notes on pronunciation
// (rPh) and formulas (f) are none.
func (p *part) text(limit int) (cell, error) {
	var c cell
	var b strings.Builder
	level, take, skip := 1, 0, 0
	for {
		t, err := p.next()
		if err == io.EOF {
			err = brokenf("text without end")
		}
		if err != nil {
			return c, err
		}
		switch t := t.(type) {
		case xml.StartElement:
			level++
			switch t.Name.Local {
			case "t", "v":
				take++
			case "rPh", "f":
				skip++
			}
		case xml.EndElement:
			switch t.Name.Local {
			case "t", "v":
				take--
			case "rPh", "f":
				skip--
			}
			if level--; level == 0 {
				c.text = unescape(b.String())
				return c, nil
			}
		case xml.CharData:
			if take > 0 && skip == 0 {
				if room := limit - b.Len(); room < len(t) {
					c.long = true
					t = t[:max(room, 0)]
				}
				b.Write(t)
			}
		}
	}
}

// unescape decodes what XML cannot hold and workbooks write as _x000D_.
func unescape(s string) string {
	if !strings.Contains(s, "_x") {
		return s
	}
	var b strings.Builder
	for {
		i := strings.Index(s, "_x")
		if i < 0 || len(s) < i+7 {
			b.WriteString(s)
			return b.String()
		}
		b.WriteString(s[:i])
		if r, ok := hex4(s[i+2 : i+6]); ok && s[i+6] == '_' {
			b.WriteRune(r)
			s = s[i+7:]
		} else {
			b.WriteString("_x")
			s = s[i+2:]
		}
	}
}

func hex4(s string) (rune, bool) {
	var r rune
	for i := range len(s) {
		c := s[i]
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'A' && c <= 'F':
			c -= 'A' - 10
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}
