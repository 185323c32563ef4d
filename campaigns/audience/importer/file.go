package importer

import (
	"errors"
	"fmt"
	"io"
)

// Kind is what a file is.
type Kind string

// The kinds that can be read.
const (
	CSV  Kind = "csv"
	TSV  Kind = "tsv"
	XLSX Kind = "xlsx"
)

// Format is how a file is written, for the page to say how it was understood.
type Format struct {
	Kind      Kind   `json:"kind"`
	Encoding  string `json:"encoding,omitempty"`  // CSV, TSV: "UTF-8", "UTF-16LE", "UTF-16BE", "Windows-1252"
	Separator string `json:"separator,omitempty"` // CSV, TSV: ",", ";" or a tab
	Sheet     string `json:"sheet,omitempty"`     // XLSX: the sheet that is read
}

// File is an import file that has a header, rows, and a column that may hold
// addresses. Its methods may be called in any order and from several goroutines,
// as far as its reader allows that.
type File struct {
	lim     Limits
	src     source
	format  Format
	columns []Column
	width   int   // cells of the header, those without a name at its end left out
	at      []int // position of each column among the cells
}

// source is a file that can be gone through again and again.
type source interface {
	rows() (rowReader, error)
}

// rowReader gives one row after another, empty ones too, and io.EOF at the end.
type rowReader interface {
	next() (record, error)
}

// record is a row as it stands in the file.
type record struct {
	line   int
	cells  []cell
	width  int    // cells in the row, also those that were not kept
	beyond bool   // a cell that was not kept holds something
	ragged bool   // rows of this kind may leave out empty cells at their end
	fault  *fault // the row cannot be split into cells
}

// cell is the text of a cell before any cleaning.
type cell struct {
	text   string
	long   bool // text is only its beginning
	failed bool // text is the error of a formula
	typed  bool // text is no formula whatever it begins with
}

type fault struct {
	code Code
	msg  string
}

// empty: no cell holds anything but white space.
func (r *record) empty() bool {
	if r.beyond || r.fault != nil {
		return false
	}
	for i := range r.cells {
		if !r.cells[i].blank() {
			return false
		}
	}
	return true
}

func (c *cell) blank() bool { return !c.long && trim(c.text) == "" }

// sampleRows is how many rows Open looks at to suggest what a column holds.
const sampleRows = 200

// Open finds out what the size bytes of r are and reads header and first rows.
// r must stay readable as long as the File is used. What cannot be imported is an
// *Error.
func Open(r io.ReaderAt, size int64, limits Limits) (*File, error) {
	f := &File{lim: limits.withDefaults()}
	switch {
	case size <= 0:
		return nil, errorf(CodeEmptyFile, "The file is empty. Choose a file with a header and at least one row.")
	case size > f.lim.Bytes:
		return nil, errorf(CodeTooLarge, "The file has %s; %s are the most. Split it, or leave out columns that no message needs.", megabytes(size), megabytes(f.lim.Bytes))
	}
	head := make([]byte, min(size, 4096))
	if _, err := r.ReadAt(head, 0); err != nil && err != io.EOF {
		return nil, fmt.Errorf("importer: %w", err)
	}
	var err error
	switch sniff(head) {
	case kindZip:
		f.src, f.format, err = openWorkbook(r, size, f.lim)
	case kindCompound:
		err = compoundError(r, size)
	case kindWebPage:
		err = errorf(CodeWebPage, "The file is a web page or XML, whatever its name says. Open it in Excel and save it as .xlsx or CSV.")
	case kindBinary:
		err = errorf(CodeBinary, "The file is neither a text nor an Excel workbook. Save the list as CSV, TSV or .xlsx.")
	default:
		f.src, f.format, err = openText(r, size, f.lim)
	}
	if err != nil {
		return nil, err
	}
	if err := f.inspect(); err != nil {
		return nil, err
	}
	return f, nil
}

// inspect reads the header and a sample of the rows.
func (f *File) inspect() error {
	rows, err := f.src.rows()
	if err != nil {
		return err
	}
	header, err := nextFilled(rows)
	if errors.Is(err, io.EOF) {
		return errorf(CodeEmptyFile, "The file holds nothing but empty cells. Choose a file with a header and at least one row.")
	}
	if err != nil {
		return err
	}
	var sample []record
	for len(sample) < sampleRows {
		rec, err := nextFilled(rows)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if rec.fault == nil {
			sample = append(sample, rec)
		} else if len(sample) == 0 {
			sample = append(sample, record{line: rec.line}) // a row all the same
		}
	}
	return f.readHeader(header, sample)
}

// nextFilled gives the next row that is not empty.
func nextFilled(rows rowReader) (record, error) {
	for {
		rec, err := rows.next()
		if err != nil || !rec.empty() {
			return rec, err
		}
	}
}

// Format says how the file is written.
func (f *File) Format() Format { return f.format }

// Columns gives the columns from left to right.
func (f *File) Columns() []Column { return append([]Column(nil), f.columns...) }

// Preview gives the first n rows that are not empty, with one cell per column,
// cleaned as far as that is possible and shortened to 200 characters.
func (f *File) Preview(n int) ([][]string, error) {
	rows, err := f.src.rows()
	if err != nil {
		return nil, err
	}
	if _, err := nextFilled(rows); err != nil {
		return nil, err
	}
	var out [][]string
	for len(out) < n {
		rec, err := nextFilled(rows)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		out = append(out, f.show(rec))
	}
	return out, nil
}

func (f *File) show(rec record) []string {
	out := make([]string, len(f.columns))
	for i, at := range f.at {
		if at < len(rec.cells) {
			out[i] = shown(rec.cells[at].clean())
		}
	}
	return out
}

func megabytes(n int64) string {
	if n < 1<<20 {
		return fmt.Sprintf("%d KB", (n+1023)>>10)
	}
	// Rounded up, so that a file just above a limit does not look like the limit.
	return fmt.Sprintf("%.4g MB", float64((n*10+1<<20-1)>>20)/10)
}
