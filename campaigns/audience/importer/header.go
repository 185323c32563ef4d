package importer

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// Column is a column of the file, with what Open suggests for it.
type Column struct {
	Header string `json:"header"` // as written, on one line, at most 200 characters
	// Variable is the name under which texts use the column, as in [MONTO]: upper
	// case, letters, digits and underscores, a letter first, at most 64 characters;
	// no two columns have the same.
	Variable string   `json:"variable"`
	Role     Role     `json:"role"`
	Type     Type     `json:"type"`
	Note     *Problem `json:"note,omitempty"` // why Variable is not simply the header
}

// maxVariable is the length of a variable's name in texts, in characters
// (campaigns/message).
const maxVariable = 64

// readHeader makes the columns of the header's cells and a sample of the rows.
func (f *File) readHeader(header record, sample []record) error {
	if header.fault != nil {
		return &Error{Code: CodeBadHeader, Message: "The first row, which must hold the names of the columns, cannot be read. " + header.fault.msg,
			Problems: []Problem{{Line: header.line, Code: header.fault.code, Message: header.fault.msg}}}
	}
	if header.beyond {
		return errorf(CodeTooManyColumns, "The file has more than %d columns. Leave out those that no message needs.", f.lim.Columns)
	}
	var problems []Problem
	first := make(map[string]int) // header without case -> its column
	var seen []evidence
	names := make([]string, len(header.cells))
	for i := range header.cells {
		names[i] = headerText(header.cells[i].clean())
		if isAddress(names[i]) {
			return errorf(CodeNoHeader, "The first row holds the address %s, so the file has no header. Put a row above it that names the columns, e.g. EMAIL, FIRSTNAME, LASTNAME.", quote(names[i]))
		}
	}
	for i, name := range names {
		var e evidence
		for _, rec := range sample {
			if i < len(rec.cells) {
				e.add(rec.cells[i].clean())
			}
		}
		if name == "" {
			if e.filled > 0 {
				problems = append(problems, Problem{Line: header.line, Code: CodeEmptyHeader,
					Message: fmt.Sprintf("Column %s has values but no name. Write one into line %d, or empty the column.", place(i), header.line)})
			}
			continue
		}
		folded := cases.Fold().String(name)
		if j, ok := first[folded]; ok {
			problems = append(problems, Problem{Line: header.line, Column: shown(name), Code: CodeDuplicateHeader, Value: shown(name),
				Message: fmt.Sprintf("Columns %s and %s are both called %s. Give each its own name.", place(j), place(i), quote(name))})
			continue
		}
		first[folded] = i
		f.columns = append(f.columns, Column{Header: shown(name)})
		f.at = append(f.at, i)
		seen = append(seen, e)
		f.width = i + 1
	}
	switch {
	case len(problems) > 0:
		return &Error{Code: problems[0].Code, Message: problems[0].Message, Problems: problems}
	case len(sample) == 0:
		return errorf(CodeNoRows, "There is a header but no row below it. Add at least one row.")
	}
	if !suggestRoles(f.columns, seen) {
		return errorf(CodeNoAddressColumn, "No column holds addresses; the first row names %s. Add a column EMAIL with addresses like name@company.com, and see that the first row holds the names of the columns.", list(f.columns))
	}
	f.nameVariables(names, header.line)
	return nil
}

// headerText keeps of a header what can be seen: it is a name, not data.
func headerText(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == utf8.RuneError || isInvisible(r) && r != '\u200d' && r != '\u200c' {
			return -1
		}
		return r
	}, s)
	return norm.NFC.String(strings.Join(strings.Fields(s), " "))
}

func (f *File) nameVariables(names []string, line int) {
	taken := make(map[string]bool)
	for i := range f.columns {
		c := &f.columns[i]
		name := names[f.at[i]]
		v := variable(name, f.at[i])
		for n := 2; taken[v]; n++ {
			v = cutVariable(variable(name, f.at[i]), fmt.Sprintf("_%d", n))
		}
		taken[v] = true
		c.Variable = v
		if c.Role != Address && key(v) != key(name) || strings.ContainsFunc(name, isSymbol) && c.Role == Custom {
			why := "because the name of a variable starts with a letter and holds letters, digits and underscores only, and no two are the same"
			if utf8.RuneCountInString(name) > maxVariable {
				why = fmt.Sprintf("because the name of a variable has at most %d characters", maxVariable)
			}
			c.Note = &Problem{Line: line, Column: c.Header, Code: CodeVariableChanged, Value: v,
				Message: fmt.Sprintf("Texts use the column %s as [%s], %s.", quote(name), v, why)}
		}
	}
}

// isSymbol: neither part of a variable's name nor what one writes between words.
func isSymbol(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.IsDigit(r) && !strings.ContainsRune(" _-'’.", r)
}

// variable makes the name of a variable of a header. Names of people have the
// variable that texts use for them however they are spaced: "First name" is FIRSTNAME.
func variable(header string, at int) string {
	if k := key(header); isNameVariable(k) {
		return k
	}
	var b strings.Builder
	gap := false
	for _, r := range norm.NFC.String(strings.ToUpper(norm.NFC.String(header))) {
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) && b.Len() > 0:
			if gap && b.Len() > 0 {
				b.WriteByte('_')
			}
			gap = false
			b.WriteRune(r)
		default:
			gap = true
		}
	}
	v := b.String()
	if k := key(v); isNameVariable(k) { // "F™irstname": what is exported as F_IRSTNAME would come back as FIRSTNAME
		return k
	}
	if v == "" {
		v = place(at)
	}
	if r, _ := utf8.DecodeRuneInString(v); !unicode.IsLetter(r) || b.Len() == 0 {
		v = "COLUMN_" + v
	}
	return cutVariable(v, "")
}

func isNameVariable(k string) bool { return k == FirstName.variable() || k == LastName.variable() }

// cutVariable shortens a name so that a suffix fits behind it.
func cutVariable(v, suffix string) string {
	runes := []rune(v)
	if most := maxVariable - len(suffix); len(runes) > most {
		v = strings.TrimRight(string(runes[:most]), "_")
	}
	return v + suffix
}

// place is the letter of a column, as spreadsheets show it.
func place(at int) string {
	s := ""
	for n := at + 1; n > 0; n = (n - 1) / 26 {
		s = string(rune('A'+(n-1)%26)) + s
	}
	return s
}

func list(columns []Column) string {
	var names []string
	for i, c := range columns {
		if i == 5 {
			names = append(names, "…")
			break
		}
		names = append(names, quote(c.Header))
	}
	return strings.Join(names, ", ")
}
