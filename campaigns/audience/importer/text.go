package importer

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode"
	"unicode/utf8"
)

// textSource is a CSV or TSV file.
type textSource struct {
	r       io.ReaderAt
	size    int64
	enc     textEncoding
	sep     byte
	sepLine bool // the first line is Excel's "sep=;"
	lim     Limits
}

// separators in the order in which they win a draw: who has a choice separates by
// what is not in the cells.
var separators = []byte{'\t', ';', ','}

func openText(r io.ReaderAt, size int64, lim Limits) (source, Format, error) {
	head := make([]byte, min(size, 4096))
	if _, err := r.ReadAt(head, 0); err != nil && err != io.EOF {
		return nil, Format{}, fmt.Errorf("importer: %w", err)
	}
	enc, err := findEncoding(r, size, head)
	if err != nil {
		return nil, Format{}, err
	}
	s := &textSource{r: r, size: size, enc: enc, lim: lim}
	text := make([]byte, 64<<10)
	n, err := io.ReadFull(enc.reader(r, size), text)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return nil, Format{}, fmt.Errorf("importer: %w", err)
	}
	whole := err != nil
	text = text[:n]
	if isBinary(text) {
		return nil, Format{}, errorf(CodeBinary, "The file is neither a text nor an Excel workbook. Save the list as CSV, TSV or .xlsx.")
	}
	if sep, ok := sepLine(text); ok {
		s.sep, s.sepLine = sep, true
	} else {
		s.sep = findSeparator(text, whole, lim)
	}
	format := Format{Kind: CSV, Encoding: enc.name, Separator: string(s.sep)}
	if s.sep == '\t' {
		format.Kind = TSV
	}
	return s, format, nil
}

// isBinary: more than every twelfth character is a control character. Random
// bytes have one in eight, a text with a stray NUL far fewer.
func isBinary(text []byte) bool {
	var all, controls int
	for i := 0; i < len(text) && all < 4096; {
		c, w := utf8.DecodeRune(text[i:])
		i += w
		all++
		if unicode.IsControl(c) && !isBreak(c) {
			controls++
		}
	}
	return controls > 1 && controls*12 > all
}

// sepLine reads the first line with which Excel is told the separator.
func sepLine(text []byte) (byte, bool) {
	if len(text) > 5 && bytes.EqualFold(text[:4], []byte("sep=")) && bytes.IndexByte(separators, text[4]) >= 0 && (text[5] == '\n' || text[5] == '\r') {
		return text[4], true
	}
	return 0, false
}

// findSeparator takes the separator with which most rows have as many cells as the
// header, and of those the one that gives the header most cells.
func findSeparator(text []byte, whole bool, lim Limits) byte {
	best, bestRows, bestWidth := byte(','), 0, 1
	for _, sep := range separators {
		rows := &textRows{in: bufio.NewReader(bytes.NewReader(text)), sep: sep, lim: lim}
		width, same := 0, 0
		for n := 0; n < 50; n++ {
			rec, err := nextFilled(rows)
			if err == io.EOF && whole && n == 0 {
				return sep // nothing but separators
			}
			if err != nil || !whole && rows.atEnd() {
				break // the last row of a part may be half a row
			}
			if width == 0 {
				width = rec.width
			}
			if rec.width == width {
				same++
			}
		}
		if width > 1 && (same > bestRows || same == bestRows && width > bestWidth) {
			best, bestRows, bestWidth = sep, same, width
		}
	}
	return best
}

func (s *textSource) rows() (rowReader, error) {
	t := &textRows{in: s.enc.reader(s.r, s.size), sep: s.sep, lim: s.lim}
	if s.sepLine {
		if _, err := t.next(); err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
	}
	return t, nil
}

// textRows splits text into rows and cells as RFC 4180 says, with a byte of its own
// as separator, and with what programs do besides: rows end with LF, CRLF or CR; a
// quote inside a cell that does not begin with one is a quote; spaces around a
// quoted cell are nothing.
//
// It is not encoding/csv because that one either refuses such quotes or takes a
// quote that is never closed for the end of the file without a word, holds rows of any
// length, and skips lines.
type textRows struct {
	in   *bufio.Reader
	sep  byte
	lim  Limits
	line int // lines that were read
	buf  []byte
}

// atEnd: the row that next gave was the last.
func (t *textRows) atEnd() bool {
	_, err := t.in.Peek(1)
	return err != nil
}

// end is how a cell ended.
type end uint8

const (
	endCell end = iota
	endRow
	endFile
)

func (t *textRows) next() (record, error) {
	rec := record{line: t.line + 1}
	if _, err := t.in.Peek(1); err == io.EOF {
		return record{}, io.EOF
	}
	for {
		c, how, err := t.cell(&rec)
		if err != nil {
			return record{}, fmt.Errorf("importer: line %d: %w", t.line+1, err)
		}
		rec.width++
		if len(rec.cells) < t.lim.Columns {
			rec.cells = append(rec.cells, c)
		} else if !c.blank() {
			rec.beyond = true
		}
		if how != endCell {
			t.line++
			return rec, nil
		}
	}
}

// cell reads one cell. Faults of its quotes go to the row.
func (t *textRows) cell(rec *record) (c cell, how end, err error) {
	t.buf = t.buf[:0]
	const (
		before = iota // only spaces so far
		plain
		quoted
		after // behind the closing quote
	)
	state, opened := before, 0
	for {
		b, err := t.in.ReadByte()
		if err == io.EOF {
			if state == quoted {
				rec.fault = &fault{CodeUnclosedQuote, fmt.Sprintf("The quote that opens a cell in line %d is never closed, so that everything below it belongs to that cell. Close it, or remove it.", opened)}
			}
			return t.finish(&c), endFile, nil
		}
		if err != nil {
			return c, endFile, err
		}
		if state == quoted {
			switch b {
			case '"':
				if t.take('"') {
					t.put(&c, '"')
				} else {
					state = after
				}
			case '\r', '\n':
				if b == '\r' {
					t.take('\n')
				}
				t.line++
				t.put(&c, '\n')
			default:
				t.put(&c, b)
			}
			continue
		}
		switch {
		case b == t.sep:
			return t.finish(&c), endCell, nil
		case b == '\n':
			return t.finish(&c), endRow, nil
		case b == '\r':
			t.take('\n')
			return t.finish(&c), endRow, nil
		case b == '"' && state == before:
			state, opened = quoted, t.line+1
			t.buf = t.buf[:0]
		case b == ' ' && state != plain:
			t.put(&c, b)
		case state == after:
			if rec.fault == nil {
				rec.fault = &fault{CodeMisplacedQuote, fmt.Sprintf("Behind the quote that closes a cell (opened in line %d) something follows. Write a quote inside a quoted cell twice, or remove the quotes.", opened)}
			}
			t.put(&c, b)
		default:
			state = plain
			t.put(&c, b)
		}
	}
}

func (t *textRows) put(c *cell, b byte) {
	if len(t.buf) < t.lim.cellBytes() {
		t.buf = append(t.buf, b)
	} else {
		c.long = true
	}
}

func (t *textRows) finish(c *cell) cell {
	c.text = string(t.buf)
	return *c
}

// take reads the next byte if it is b.
func (t *textRows) take(b byte) bool {
	p, err := t.in.Peek(1)
	if err != nil || p[0] != b {
		return false
	}
	_, err = t.in.Discard(1)
	return err == nil
}
