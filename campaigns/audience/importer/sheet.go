package importer

import (
	"encoding/xml"
	"io"
	"strconv"
	"strings"
)

// sheetRows goes through the rows of a sheet.
type sheetRows struct {
	w    *workbook
	part *part
	line int
	err  error // after it nothing follows
}

func (w *workbook) rows() (rowReader, error) {
	left := w.lim.Unpacked
	return w.rowsWithin(&left)
}

// rowsWithin reads no more than is left.
func (w *workbook) rowsWithin(left *int64) (rowReader, error) {
	p, err := w.open(w.sheet, left)
	if err != nil {
		return nil, err
	}
	return &sheetRows{w: w, part: p}, nil
}

func (s *sheetRows) next() (record, error) {
	if s.err != nil {
		return record{}, s.err
	}
	rec, err := s.row()
	if err != nil {
		s.err = err
		s.part.close()
	}
	return rec, err
}

// row finds the next row. The end of the rows is not the end: the rest of the
// part is read too, so that a part that breaks off is noticed.
func (s *sheetRows) row() (record, error) {
	for {
		t, err := s.part.next()
		if err != nil {
			return record{}, err
		}
		e, ok := t.(xml.StartElement)
		if !ok || e.Name.Local != "row" {
			continue
		}
		line := s.line + 1
		if r := attr(e, "r"); r != "" {
			if line, err = strconv.Atoi(r); err != nil {
				return record{}, brokenf("row %.20q", r)
			}
		}
		if line <= s.line || line > maxWorkbookLine {
			return record{}, brokenf("row %d behind row %d", line, s.line)
		}
		s.line = line
		return s.cells()
	}
}

// cells reads to the end of a row.
func (s *sheetRows) cells() (record, error) {
	rec := record{line: s.line, ragged: true}
	column := 0
	for {
		t, err := s.part.next()
		if err == io.EOF {
			err = brokenf("row %d without end", s.line)
		}
		if err != nil {
			return record{}, err
		}
		switch t := t.(type) {
		case xml.EndElement:
			if t.Name.Local == "row" {
				rec.width = len(rec.cells)
				return rec, nil
			}
		case xml.StartElement:
			if t.Name.Local != "c" {
				continue
			}
			at, err := columnOf(attr(t, "r"), column)
			if err != nil {
				return record{}, err
			}
			if at < column || at >= maxWorkbookColumn {
				return record{}, brokenf("row %d: cell %.20q", s.line, attr(t, "r"))
			}
			column = at + 1
			c, err := s.cell(t)
			switch {
			case err != nil:
				return record{}, err
			case c.blank():
			case at >= s.w.lim.Columns:
				rec.beyond = true
			default:
				for len(rec.cells) <= at {
					rec.cells = append(rec.cells, cell{})
				}
				rec.cells[at] = c
			}
		}
	}
}

// cell reads a cell whose element has just begun.
func (s *sheetRows) cell(e xml.StartElement) (cell, error) {
	kind, style := attr(e, "t"), attr(e, "s")
	c, err := s.part.text(s.w.lim.cellBytes())
	if err != nil {
		return c, err
	}
	c.typed = true
	switch kind {
	case "s":
		if c.text == "" {
			return c, nil
		}
		i, err := strconv.Atoi(strings.TrimSpace(c.text))
		if err != nil || i < 0 || i >= len(s.w.texts) {
			return c, brokenf("row %d: text %.20q of %d", s.line, c.text, len(s.w.texts))
		}
		c = s.w.texts[i]
		c.typed = true
	case "b":
		switch c.text {
		case "1":
			c.text = "TRUE"
		case "0":
			c.text = "FALSE"
		}
	case "e":
		c.failed = true
	case "d":
		c.text = isoDate(c.text)
	case "", "n":
		if k, err := strconv.Atoi(style); err == nil && k >= 0 && k < len(s.w.styles) && s.w.styles[k] != 0 {
			if d, ok := dateText(c.text, s.w.styles[k], s.w.date1904); ok {
				c.text = d
				break
			}
		}
		c.text = numberText(c.text)
	}
	return c, nil
}

// columnOf gives the position of the column of "AB12", counted from 0; next when
// there is no name.
func columnOf(name string, next int) (int, error) {
	if name == "" {
		return next, nil
	}
	n := 0
	for i := range len(name) {
		c := name[i] &^ 0x20
		switch {
		case c >= 'A' && c <= 'Z' && i < 3:
			n = n*26 + int(c-'A') + 1
		case i > 0 && isDigits(name[i:]):
			return n - 1, nil
		default:
			return 0, brokenf("cell %.20q", name)
		}
	}
	return 0, brokenf("cell %.20q", name)
}
