package importer

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// textEncoding is how the characters of a text are written.
type textEncoding struct {
	name string
	skip int64 // bytes of the mark at its beginning
	enc  encoding.Encoding
}

var (
	utf8Encoding    = textEncoding{name: "UTF-8"}
	utf16LEEncoding = textEncoding{name: "UTF-16LE", enc: unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)}
	utf16BEEncoding = textEncoding{name: "UTF-16BE", enc: unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)}
	windows1252     = textEncoding{name: "Windows-1252", enc: charmap.Windows1252}
)

func (e textEncoding) after(mark int64) textEncoding { e.skip = mark; return e }

// reader decodes a text to UTF-8. Bytes that mean nothing become U+FFFD.
func (e textEncoding) reader(r io.ReaderAt, size int64) *bufio.Reader {
	var in io.Reader = io.NewSectionReader(r, e.skip, size-e.skip)
	if e.enc != nil {
		in = e.enc.NewDecoder().Reader(in)
	}
	return bufio.NewReaderSize(in, 32<<10)
}

// findEncoding looks at the mark at the beginning, and without one at all bytes: the
// one accent that tells may be in the last row.
func findEncoding(r io.ReaderAt, size int64, head []byte) (textEncoding, error) {
	switch {
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf")):
		return utf8Encoding.after(3), nil
	case bytes.HasPrefix(head, []byte("\xff\xfe")):
		return utf16LEEncoding.after(2), nil
	case bytes.HasPrefix(head, []byte("\xfe\xff")):
		return utf16BEEncoding.after(2), nil
	}
	// UTF-16 without its mark: every second byte of what is mostly Latin is zero.
	var zero [2]int
	for i, c := range head {
		if c == 0 {
			zero[i&1]++
		}
	}
	switch {
	case zero[0] == 0 && zero[1] > len(head)/4:
		return utf16LEEncoding, nil
	case zero[1] == 0 && zero[0] > len(head)/4:
		return utf16BEEncoding, nil
	}
	sequences, invalid, err := countUTF8(io.NewSectionReader(r, 0, size))
	switch {
	case err != nil:
		return textEncoding{}, fmt.Errorf("importer: %w", err)
	case invalid > sequences:
		// In Windows-1252 two bytes that happen to be UTF-8 are rare ("Ã©").
		return windows1252, nil
	}
	// At most a few bytes are wrong: UTF-8 that was damaged. As Windows-1252 all
	// accents would turn into rubbish; this way only the damaged cells are wrong.
	return utf8Encoding, nil
}

// countUTF8 counts the valid characters beyond ASCII, and the bytes that belong
// to none.
func countUTF8(r io.Reader) (sequences, invalid int, err error) {
	buf := make([]byte, 64<<10)
	n := 0 // bytes in buf
	for {
		m, err := r.Read(buf[n:])
		n += m
		b := buf[:n]
		for len(b) > 0 && (err != nil || utf8.FullRune(b)) {
			c, w := utf8.DecodeRune(b)
			switch {
			case c == utf8.RuneError && w == 1:
				invalid++
			case w > 1:
				sequences++
			}
			b = b[w:]
		}
		n = copy(buf, b)
		if err == io.EOF {
			return sequences, invalid, nil
		}
		if err != nil {
			return sequences, invalid, err
		}
	}
}
