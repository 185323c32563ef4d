package importer

import "fmt"

// Code is a stable word for what is wrong with a file, a column or a row.
type Code string

// Codes of an Error: the file cannot be imported at all.
const (
	CodeEmptyFile       Code = "empty_file"
	CodeTooLarge        Code = "too_large"            // more bytes than Limits.Bytes
	CodeUnpacksTooLarge Code = "unpacks_too_large"    // a workbook that unpacks to more than Limits.Unpacked
	CodeTooManyRows     Code = "too_many_rows"        // found by Check and Read
	CodeTooManyColumns  Code = "too_many_columns"     //
	CodeBinary          Code = "binary_file"          // no text and no workbook
	CodeWebPage         Code = "web_page"             // HTML or XML, whatever its name
	CodeUnsupported     Code = "unsupported_workbook" // .xls, .xlsb, OpenDocument
	CodeProtected       Code = "protected_workbook"   // needs a password
	CodeBroken          Code = "broken_workbook"      // damaged or incomplete
	CodeNoHeader        Code = "no_header"            // the first row holds an address already
	CodeNoRows          Code = "no_rows"              // nothing below the header
	CodeEmptyHeader     Code = "empty_header"         // values in a column without a name
	CodeDuplicateHeader Code = "duplicate_header"     // in any case
	CodeBadHeader       Code = "bad_header"           // the header's row itself cannot be read
	CodeNoAddressColumn Code = "no_address_column"    //
	CodeInvalidMapping  Code = "invalid_mapping"      // the caller's mapping does not fit the file
)

// Codes of a Problem: a row is wrong.
const (
	CodeMissingAddress   Code = "missing_address"
	CodeInvalidAddress   Code = "invalid_address"
	CodeDuplicateAddress Code = "duplicate_address"
	CodeInvalidNumber    Code = "invalid_number"
	CodeInvalidDate      Code = "invalid_date"
	CodeCellTooLong      Code = "cell_too_long"
	CodeControlCharacter Code = "control_character"
	CodeDamagedCharacter Code = "damaged_character"
	CodeCellError        Code = "cell_error" // a workbook's #N/A, #REF!, …
	CodeTooManyCells     Code = "too_many_cells"
	CodeTooFewCells      Code = "too_few_cells"
	CodeUnclosedQuote    Code = "unclosed_quote"
	CodeMisplacedQuote   Code = "misplaced_quote"
)

// CodeVariableChanged is the code of a Column's Note.
const CodeVariableChanged Code = "variable_changed"

// Error says why a file cannot be imported. An error of this package that is
// not an *Error comes from the caller's reader, context or function.
type Error struct {
	Code     Code
	Message  string    // one or two English sentences: the cause and the remedy
	Problems []Problem // faults of the header, one by one; otherwise empty
	Err      error     // cause; for the log
}

func (e *Error) Error() string {
	s := string(e.Code) + ": " + e.Message
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

func (e *Error) Unwrap() error { return e.Err }

func errorf(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// Problem is one thing that is wrong in a row, at its place.
type Problem struct {
	// Line is what the author's program shows beside the row: the number of the
	// line in an editor, of the row in a workbook. The first is 1.
	Line    int    `json:"line"`
	Column  string `json:"column,omitempty"` // its header; empty: the row as a whole
	Code    Code   `json:"code"`
	Message string `json:"message"`         // one or two English sentences: what is wrong and what would be right
	Value   string `json:"value,omitempty"` // what stands there, shortened to 200 characters, safe to show as text
}

// Report is what became of the rows. Good and Wrong add up to Total; empty rows
// count nowhere.
type Report struct {
	Total int `json:"total"`
	Good  int `json:"good"`
	Wrong int `json:"wrong"`
	// Problems are the first Limits.Problems, in the order of the file.
	Problems []Problem `json:"problems"`
	// ProblemCount counts all of them; a row may have several.
	ProblemCount int `json:"problemCount"`
	// Counts says how many there are of each code.
	Counts map[Code]int `json:"counts"`
}

func (r *Report) add(p Problem, limit int) {
	r.ProblemCount++
	r.Counts[p.Code]++
	if len(r.Problems) < limit {
		r.Problems = append(r.Problems, p)
	}
}
