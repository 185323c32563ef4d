package importer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Row is one good row.
type Row struct {
	Line        int    // see Problem.Line
	Address     string // as written
	Identity    string // Address in lower case: two rows with the same are the same person
	FirstName   string
	LastName    string
	DisplayName string
	// Custom holds the other values by the name of their variable (see
	// File.Variables). Empty cells are left out. Numbers keep their text, "1200,50";
	// dates are YYYY-MM-DD.
	Custom map[string]string
}

// Check goes through all rows and says what is wrong, as Read would.
func (f *File) Check(ctx context.Context, m Mapping) (Report, error) {
	return f.Read(ctx, m, nil)
}

// Read calls fn with each good row, in the order of the file, and reports the
// others; fn may keep the row. An error of fn or of ctx ends it and is returned as it
// is. With an error the report counts what was read until then; rows that fn got
// before it must be forgotten: the file is not whole.
//
// Of several good rows with the same address the first counts, the others are
// wrong. A wrong row does not count as the first: mending its address, or
// leaving it out, must not lose the person.
func (f *File) Read(ctx context.Context, m Mapping, fn func(Row) error) (Report, error) {
	report := Report{Problems: []Problem{}, Counts: make(map[Code]int)}
	plan, err := f.plan(m)
	if err != nil {
		return report, err
	}
	rows, err := f.src.rows()
	if err != nil {
		return report, err
	}
	if _, err := nextFilled(rows); err != nil {
		return report, err // the header was there when the file was opened
	}
	r := reader{File: f, plan: plan, report: &report, first: make(map[string]int)}
	for n := 0; ; n++ {
		if n%256 == 0 && ctx.Err() != nil {
			return report, ctx.Err()
		}
		rec, err := rows.next()
		if errors.Is(err, io.EOF) {
			return report, nil
		}
		if err != nil {
			return report, err
		}
		if rec.empty() {
			continue
		}
		if report.Total == f.lim.Rows {
			return report, errorf(CodeTooManyRows, "The file has more than %d rows. Split it into several lists.", f.lim.Rows)
		}
		report.Total++
		row, ok := r.row(rec)
		if !ok {
			report.Wrong++
			continue
		}
		report.Good++
		r.first[row.Identity] = row.Line
		if fn != nil {
			if err := fn(row); err != nil {
				return report, err
			}
		}
	}
}

// reader judges rows.
type reader struct {
	*File
	plan   []planned
	report *Report
	first  map[string]int // identity -> line of its good row
}

func (r *reader) wrong(line int, column string, code Code, msg, value string) {
	r.report.add(Problem{Line: line, Column: column, Code: code, Message: msg, Value: shown(value)}, r.lim.Problems)
}

// row makes a Row of a record; ok is false when something is wrong with it.
func (r *reader) row(rec record) (row Row, ok bool) {
	before := r.report.ProblemCount
	if rec.fault != nil {
		r.wrong(rec.line, "", rec.fault.code, rec.fault.msg, "")
		return row, false // its cells are not where they belong
	}
	if !r.shape(&rec) {
		return row, false
	}
	row.Line = rec.line
	for _, c := range r.plan {
		if c.role == Ignored {
			continue
		}
		var raw cell
		if c.at < len(rec.cells) {
			raw = rec.cells[c.at]
		}
		v := raw.clean()
		if f := raw.check(v, r.lim.Cell); f != nil {
			r.wrong(rec.line, c.header, f.code, f.msg, v)
			continue
		}
		switch c.role {
		case Address:
			row.Address, row.Identity = v, strings.ToLower(v)
			r.address(&row, c.header)
		case FirstName:
			row.FirstName = v
		case LastName:
			row.LastName = v
		case DisplayName:
			row.DisplayName = v
		}
		if v == "" || c.variable == "" {
			continue
		}
		switch {
		case c.typ == Number && !isNumber(v):
			r.wrong(rec.line, c.header, CodeInvalidNumber, notANumber(v), v)
		case c.typ == Date && !isDate(v):
			r.wrong(rec.line, c.header, CodeInvalidDate, notADate(v), v)
		}
		if row.Custom == nil {
			row.Custom = make(map[string]string, len(r.plan))
		}
		row.Custom[c.variable] = v
	}
	return row, r.report.ProblemCount == before
}

func (r *reader) address(row *Row, header string) {
	switch first, seen := r.first[row.Identity]; {
	case row.Address == "":
		r.wrong(row.Line, header, CodeMissingAddress, "The row has no address. Write one like name@company.com, or remove the row.", "")
	case !isAddress(row.Address):
		r.wrong(row.Line, header, CodeInvalidAddress, notAnAddress(row.Address), row.Address)
	case seen:
		r.wrong(row.Line, header, CodeDuplicateAddress, fmt.Sprintf("%s stands in line %d already; that row counts. Remove one of the two.", quote(row.Address), first), row.Address)
	}
}

// shape checks that the row has as many cells as the header. Empty ones beyond it
// are harmless; in CSV a missing one is not: the values after it stand in the
// wrong column.
func (r *reader) shape(rec *record) bool {
	used := make([]bool, max(r.width, len(rec.cells)))
	for _, at := range r.at {
		used[at] = true
	}
	for i := range rec.cells {
		if !used[i] && !rec.cells[i].blank() {
			r.wrong(rec.line, "", CodeTooManyCells, fmt.Sprintf("The row has a value in column %s, for which the header has no name. Look for a separator too many, or put the text that holds it in quotes.", place(i)), rec.cells[i].clean())
			return false
		}
	}
	switch {
	case rec.beyond:
		r.wrong(rec.line, "", CodeTooManyCells, fmt.Sprintf("The row has values in more than %d columns.", r.lim.Columns), "")
		return false
	case !rec.ragged && rec.width < r.width:
		r.wrong(rec.line, "", CodeTooFewCells, fmt.Sprintf("The row has %d cells, the header has %d. Look for a missing separator; an empty cell needs one too.", rec.width, r.width), "")
		return false
	}
	return true
}
