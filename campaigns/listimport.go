package campaigns

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"herald/campaigns/audience/importer"
	"herald/campaigns/message"
)

// MaxImportBytes is the largest file that can be imported.
const MaxImportBytes = 20 << 20

// importPreview is how many rows an author sees of a file.
const importPreview = 10

// ImportRole says what a column of a file is for.
type ImportRole string

const (
	AddressRole   ImportRole = "address"
	FirstNameRole ImportRole = "firstName"
	LastNameRole  ImportRole = "lastName"
	CustomRole    ImportRole = "custom"
	IgnoreRole    ImportRole = "ignore"
)

// ImportColumn is a column of a file and what is to become of it.
type ImportColumn struct {
	Index  int        `json:"index"`
	Header string     `json:"header"`
	Role   ImportRole `json:"role"`
	Name   string     `json:"name"` // of the list's column
	Type   ColumnType `json:"type"`
}

// ImportOptions say how to read a file and what to do with it.
type ImportOptions struct {
	Mapping   []ImportColumn // nil: as Herald suggests
	Replace   bool           // the list is exactly the file; else what is there gets the new values
	SkipWrong bool
	DryRun    bool // write nothing
}

// ImportReport is a file as it was understood, and what became of its rows.
type ImportReport struct {
	Columns            []ImportColumn
	Preview            [][]string
	Total, Good, Wrong int
	Problems           []importer.Problem
	Imported           int
}

// ImportList reads a file of size bytes into a list, all or nothing. Columns that the list does not have are added to it. With
// wrong rows and without SkipWrong nothing is written, and the error is CodeInvalid, "import_problems", beside the report.
func (s *Service) ImportList(ctx context.Context, a Actor, id string, file io.ReaderAt, size int64, o ImportOptions) (report ImportReport, err error) {
	if err := a.require(Write); err != nil {
		return report, err
	}
	err = s.onList(ctx, a, id, func(l *List) error {
		f, err := importer.Open(file, size, importer.Limits{Bytes: MaxImportBytes, Rows: MaxListMembers, Columns: MaxListColumns, Cell: MaxCell})
		if err != nil {
			return importError(err)
		}
		in := intake{file: f, list: l, options: o}
		if err := in.plan(); err != nil {
			return err
		}
		report = ImportReport{Columns: in.columns}
		if report.Preview, err = f.Preview(importPreview); err != nil {
			return importError(err)
		}
		checked, err := f.Check(ctx, in.mapping)
		if err != nil {
			return importError(err)
		}
		report.Total, report.Good, report.Wrong, report.Problems = checked.Total, checked.Good, checked.Wrong, checked.Problems
		switch {
		case o.DryRun:
			return nil
		case checked.Wrong > 0 && !o.SkipWrong:
			return Errorf(CodeInvalid, "import_problems", "%d of %d rows are wrong, and nothing was imported. Mend them in the file, or import the others alone.", checked.Wrong, checked.Total)
		}
		imp, err := in.read(ctx)
		if err != nil {
			return importError(err)
		}
		if _, err := s.Store.ImportMembers(ctx, l.Key(), imp, s.moment()); err != nil {
			return err
		}
		report.Imported = len(imp.Members)
		return nil
	})
	return report, err
}

// importError turns what the importer says of a file into an Error of this package.
func importError(err error) error {
	var e *importer.Error
	if !errors.As(err, &e) {
		return err
	}
	out := &Error{Code: CodeInvalid, Reason: string(e.Code), Message: e.Message, Err: e.Err}
	for _, p := range e.Problems {
		out.Problems = append(out.Problems, message.Problem{Field: "/file", Code: string(p.Code), Message: p.Message, Value: p.Value})
	}
	return out
}

// intake is one file on its way into one list.
type intake struct {
	file    *importer.File
	list    *List
	options ImportOptions

	columns []ImportColumn    // one per column of the file
	mapping importer.Mapping  // the same in the importer's words
	names   map[string]string // the importer's name of a variable -> the list's
	after   []Column          // of the list, when the file is in it
}

// plan finds out what becomes of each column.
func (in *intake) plan() error {
	given := in.file.Columns()
	in.columns = in.options.Mapping
	if in.columns == nil {
		for i, c := range given {
			col := ImportColumn{Index: i, Header: c.Header, Role: ImportRole(c.Role), Name: c.Variable, Type: ColumnType(c.Type)}
			switch c.Role {
			case importer.Ignored:
				col.Role = IgnoreRole
			case importer.DisplayName: // lists have first and last names
				col.Role = CustomRole
			}
			in.columns = append(in.columns, col)
		}
	}
	if err := in.fits(len(given)); err != nil {
		return err
	}
	slices.SortFunc(in.columns, func(a, b ImportColumn) int { return a.Index - b.Index })
	in.mapping = make(importer.Mapping, len(given))
	in.names = map[string]string{}
	if !in.options.Replace {
		in.after = append(in.after, in.list.Columns...)
	}
	for i := range in.columns {
		c := &in.columns[i]
		c.Header = given[c.Index].Header
		if c.Type == "" {
			c.Type = TextColumn
		}
		if c.Role != CustomRole {
			c.Name = given[c.Index].Variable
		}
		if c.Name == "" {
			c.Name = given[c.Index].Variable
		}
		name, _ := message.ColumnName(c.Name)
		old := in.list.column(name)
		if old != nil && c.Role == CustomRole && !in.options.Replace {
			c.Type = old.Type // what is there is of that type
		}
		target := importer.Target{Role: importer.Role(c.Role)}
		if c.Role == CustomRole {
			target.Type = importer.Type(c.Type)
		} else if c.Role == IgnoreRole {
			target.Role = importer.Ignored
		}
		in.mapping[c.Index] = target
	}
	variables, err := in.file.Variables(in.mapping)
	if err != nil {
		return importError(err)
	}
	byVariable := map[string]ImportColumn{}
	for _, c := range in.columns {
		byVariable[given[c.Index].Variable] = c
	}
	var fresh []Column
	for _, v := range variables {
		c := byVariable[v.Name]
		name, _ := message.ColumnName(c.Name)
		old := in.list.column(name)
		if old == nil && c.Role != CustomRole {
			continue // texts call it [FIRSTNAME] or [LASTNAME]; in a column of its own it would stand there twice
		}
		for _, n := range in.names {
			if n == name {
				return Errorf(CodeInvalid, "duplicate_column", "Two columns of the file would both become [%s]. Give one of them another name, or ignore it.", name)
			}
		}
		switch {
		case old == nil:
			fresh = append(fresh, Column{Name: c.Name, Label: v.Header, Type: ColumnType(v.Type)})
		case in.options.Replace:
			fresh = append(fresh, Column{Name: name, Label: old.Label, Type: ColumnType(v.Type)})
		case c.Role != CustomRole && old.Type != TextColumn:
			continue // a name stays with the member's names; in a column of numbers it would be wrong
		}
		in.names[v.Name] = name
	}
	in.after = append(in.after, fresh...)
	columns, ps := checkColumns(in.after)
	if len(ps) > 0 {
		e := invalid(ps)
		for i := range e.Problems {
			e.Problems[i].Field = "/mapping"
		}
		return e
	}
	in.after = columns
	return nil
}

// fits says whether a mapping that came from outside is one of this file.
func (in *intake) fits(n int) error {
	wrong := func(format string, args ...any) error {
		e := Errorf(CodeInvalid, string(importer.CodeInvalidMapping), format, args...)
		e.Problems = []message.Problem{{Field: "/mapping", Code: e.Reason, Message: e.Message}}
		return e
	}
	if len(in.columns) != n {
		return wrong("The file has %d columns, the mapping has %d. Choose the file again.", n, len(in.columns))
	}
	in.columns = append([]ImportColumn(nil), in.columns...) // the caller's stays as it is
	seen := make([]bool, n)
	for _, c := range in.columns {
		if c.Index < 0 || c.Index >= n || seen[c.Index] {
			return wrong("The mapping must name each column of the file once, by its index from 0 to %d.", n-1)
		}
		seen[c.Index] = true
		switch c.Role {
		case AddressRole, FirstNameRole, LastNameRole, CustomRole, IgnoreRole:
		default:
			return wrong("There is no role %q. Use address, firstName, lastName, custom or ignore.", short(string(c.Role)))
		}
	}
	return nil
}

// read collects the good rows.
func (in *intake) read(ctx context.Context) (Import, error) {
	imp := Import{Version: in.list.Version, Columns: in.after, Replace: in.options.Replace}
	for _, c := range in.columns {
		imp.FirstNames = imp.FirstNames || c.Role == FirstNameRole
		imp.LastNames = imp.LastNames || c.Role == LastNameRole
	}
	_, err := in.file.Read(ctx, in.mapping, func(row importer.Row) error {
		m := Member{Email: row.Address, FirstName: row.FirstName, LastName: row.LastName, Values: make(map[string]string, len(in.names))}
		for variable, name := range in.names {
			m.Values[name] = row.Custom[variable] // also what is empty: it covers what was there
		}
		imp.Members = append(imp.Members, m)
		return nil
	})
	if err != nil {
		return Import{}, fmt.Errorf("read file: %w", err)
	}
	return imp, nil
}

// Sample is a file that shows what lists look like.
func (s *Service) Sample(a Actor) ([][]string, error) { return sample, a.require(Prepare) }

var sample = [][]string{
	{"CONTACT", "NOMBRE", "MONTO", "FECHA"},
	{"carlos@contoso.example", "Carlos", "1200", "2016-12-25"},
	{"ana@contoso.example", "Ana", "1350", "2016-10-25"},
	{"alfredo@contoso.example", "Alfredo", "1480", "2016-11-25"},
}
