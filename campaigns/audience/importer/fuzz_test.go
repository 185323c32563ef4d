package importer_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"herald/campaigns/audience/importer"
)

// FuzzCSV: any bytes are refused or read; see checkFile.
func FuzzCSV(f *testing.F) {
	seed, err := os.ReadFile(filepath.Join("testdata", "seed-004.tsv"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(seed)
	for _, s := range []string{
		"EMAIL;PRÉNOM;MONTO\nzoe@contoso.example;Zoé;1,5\n\"a\"\"b\"@contoso.example;x\n",
		"sep=;\r\nEMAIL;X\r\na@contoso.example;\"a\r\nb\"\r\n\r\n",
		"EMAIL,DATE,X\na@contoso.example,2026-13-45,'=1+1\nb@contoso.example,2026-03-31,\"unclosed\n",
		"FIRSTNAME\tFirst name\tCONTACT\nAnn\tBea\ta@contoso.example\nA\x00\t\u202e\tA@contoso.example\n",
		"\xff\xfeE\x00M\x00A\x00I\x00L\x00\n\x00a\x00@\x00b\x00.\x00c\x00\n\x00",
		"E-MAIL,VILLE\na@contoso.example,Orl\xe9ans\n",
		",EMAIL,,\n,a@contoso.example,,\n,b@contoso.example,x,\n",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		if len(in) > 64<<10 || bytes.HasPrefix(in, []byte("PK")) {
			return
		}
		lines := 1 + bytes.Count(in, []byte("\n")) + bytes.Count(in, []byte("\r"))
		checkFile(t, in, lines, lines, false)
		checkSplitting(t, in)
	})
}

// checkSplitting compares with encoding/csv what that one reads without complaint.
func checkSplitting(t *testing.T, in []byte) {
	f, err := open(in)
	if err != nil || f.Format().Encoding != "UTF-8" || !utf8.Valid(in) || bytes.HasPrefix(bytes.ToLower(in), []byte("sep=")) || bytes.Count(in, []byte("\r")) != bytes.Count(in, []byte("\r\n")) {
		return
	}
	oracle := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(in, []byte("\ufeff"))))
	oracle.Comma, oracle.FieldsPerRecord = rune(f.Format().Separator[0]), -1
	all, err := oracle.ReadAll()
	if err != nil {
		return
	}
	all = slices.DeleteFunc(all, func(row []string) bool { return blank(row...) })
	preview, err := f.Preview(1 << 20)
	if err != nil || len(preview) != len(all)-1 {
		t.Fatalf("%d rows, %v; encoding/csv reads %q", len(preview), err, all)
	}
	columns := make([]int, 0, len(all[0])) // those with a header
	for i, h := range all[0] {
		if !blank(h) {
			columns = append(columns, i)
		}
	}
	if len(columns) != len(f.Columns()) {
		return // headers of characters that are not kept
	}
	for i, row := range preview {
		for j, at := range columns {
			want := ""
			if at < len(all[i+1]) {
				want = all[i+1][at]
			}
			if len(want) < 200 && !strings.ContainsFunc(want, odd) && strings.TrimSpace(want) != row[j] {
				t.Errorf("row %d, column %d is %q; encoding/csv reads %q", i, j, row[j], want)
			}
		}
	}
}

func blank(cells ...string) bool {
	return strings.TrimFunc(strings.Join(cells, ""), func(r rune) bool { return unicode.IsSpace(r) || r == '\u200b' || r == '\ufeff' }) == ""
}

// odd: what cleaning may change.
func odd(r rune) bool {
	return r != ' ' && !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("@.,;\"", r)
}

// FuzzXLSX: a workbook with any sheet, texts and styles, or any archive, is refused or
// read.
func FuzzXLSX(f *testing.F) {
	head := inline(1, "EMAIL", "FIRSTNAME", "DATE")
	f.Add([]byte(nil), head+`<row r="3"><c t="s"><v>0</v></c><c r="B3" s="1"><v>46112</v></c><c t="b"><v>1</v></c></row>`, `<si><t>a@contoso.example</t></si><si><r><t>x</t></r></si>`, `<numFmts><numFmt numFmtId="164" formatCode="[$-40C]d\ mmmm"/></numFmts><cellXfs><xf numFmtId="0"/><xf numFmtId="164"/></cellXfs>`)
	f.Add([]byte(nil), head+inline(2, "a@contoso.example", "=1+1", "2026-03-31")+inline(4, "b@contoso.example", "_x0000_", "")+`<row/><row><c t="e"><v>#N/A</v></c></row>`, "", "")
	f.Add([]byte(nil), inline(1, "EMAIL", "N")+`<row><c t="inlineStr"><is><t>a@contoso.example</t></is></c><c><v>1.5E+10</v></c></row>`, "", "<cellXfs/>")
	f.Add(rawBook(f, head+inline(2, "a@contoso.example"), "", ""), "", "", "")
	sample, err := os.ReadFile(filepath.Join("testdata", "user-list.xlsx"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(sample, "", "", "")
	f.Fuzz(func(t *testing.T, raw []byte, sheet, texts, styles string) {
		if len(raw)+len(sheet)+len(texts)+len(styles) > 64<<10 {
			return
		}
		rows := len(raw) * 1100 / len("<row/>") // deflate's best
		if len(raw) == 0 {
			raw, rows = rawBook(t, sheet, texts, styles), strings.Count(sheet, "<")
		} else if !bytes.HasPrefix(raw, []byte("PK")) {
			return
		}
		checkFile(t, raw, 1<<20, rows, true)
	})
}

// checkFile reads a file and checks what holds for every file. maxLine and maxRows are what
// the input can hold.
func checkFile(t *testing.T, in []byte, maxLine, maxRows int, workbook bool) {
	f, err := open(in)
	if err != nil {
		codeOf(t, err)
		return
	}
	m := f.Suggested()
	variables, err := f.Variables(m)
	if err != nil {
		t.Fatalf("the suggested mapping does not fit: %v", err)
	}
	checkColumns(t, f)
	preview, err := f.Preview(3)
	if err != nil {
		codeOf(t, err)
	}
	for _, row := range preview {
		if len(row) != len(m) {
			t.Errorf("%d cells for %d columns", len(row), len(m))
		}
	}

	var rows []importer.Row
	report, err := f.Read(t.Context(), m, func(r importer.Row) error { rows = append(rows, r); return nil })
	if checked, cerr := f.Check(t.Context(), m); fmt.Sprint(checked, cerr) != fmt.Sprint(report, err) {
		t.Errorf("Check: %+v, %v; Read: %+v, %v", checked, cerr, report, err)
	}
	checkReport(t, report, maxLine)
	if len(rows) != report.Good || report.Total > maxRows {
		t.Errorf("%d rows, %d at most, %+v", len(rows), maxRows, report)
	}
	if err != nil {
		codeOf(t, err)
		return
	}
	checkRows(t, rows, maxLine)
	checkExport(t, variables, rows, workbook)
}

func checkColumns(t *testing.T, f *importer.File) {
	seen := make(map[string]bool)
	for _, c := range f.Columns() {
		v := []rune(c.Variable)
		if len(v) == 0 || len(v) > 64 || !unicode.IsLetter(v[0]) || seen[c.Variable] || strings.ToUpper(c.Variable) != c.Variable {
			t.Errorf("variable %q of %q", c.Variable, c.Header)
		}
		for _, r := range v {
			if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) && r != '_' {
				t.Errorf("variable %q of %q", c.Variable, c.Header)
			}
		}
		seen[c.Variable] = true
		if !utf8.ValidString(c.Header) || strings.ContainsFunc(c.Header, unicode.IsControl) {
			t.Errorf("header %q", c.Header)
		}
	}
}

func checkReport(t *testing.T, r importer.Report, maxLine int) {
	sum, last := 0, 0
	for _, n := range r.Counts {
		sum += n
	}
	if r.Total != r.Good+r.Wrong || r.ProblemCount < r.Wrong || sum != r.ProblemCount || len(r.Problems) != min(r.ProblemCount, 1000) {
		t.Errorf("report %+v", r)
	}
	for _, p := range r.Problems {
		if p.Line < 1 || p.Line > maxLine || p.Line < last || p.Code == "" || !strings.HasSuffix(p.Message, ".") || !utf8.ValidString(p.Message+p.Value+p.Column) || strings.ContainsFunc(p.Message+p.Value, unicode.IsControl) {
			t.Errorf("problem %+v behind line %d of %d", p, last, maxLine)
		}
		last = p.Line
	}
}

func checkRows(t *testing.T, rows []importer.Row, maxLine int) {
	seen, last := make(map[string]bool), 0
	for _, r := range rows {
		if r.Line <= last || r.Line > maxLine || seen[r.Identity] || !strings.Contains(r.Address, "@") || strings.ToLower(r.Address) != r.Identity {
			t.Errorf("row %+v behind line %d of %d", r, last, maxLine)
		}
		seen[r.Identity], last = true, r.Line
		values := []string{r.FirstName, r.LastName, r.DisplayName, r.Address}
		for _, v := range r.Custom {
			if v == "" {
				t.Errorf("row %+v has an empty value", r)
			}
			values = append(values, v)
		}
		for _, v := range values {
			if !utf8.ValidString(v) || strings.ContainsFunc(v, unicode.IsControl) || strings.TrimSpace(v) != v || utf8.RuneCountInString(v) > 1000 {
				t.Errorf("row %+v has %q", r, v)
			}
		}
	}
}

// checkExport writes the rows as Herald would and reads them again. The address
// comes last, so that its column takes no other's name.
func checkExport(t *testing.T, variables []importer.Variable, rows []importer.Row, workbook bool) {
	if len(rows) == 0 || len(rows) > 50 {
		return
	}
	var header []string
	var again importer.Mapping
	for _, v := range variables {
		header = append(header, v.Name)
		again = append(again, importer.Target{Role: importer.Custom, Type: v.Type})
	}
	header, again = append(header, "E-MAIL"), append(again, importer.Target{Role: importer.Address})
	var cells [][]string
	sheet := [][]any{nil}
	for _, h := range header {
		sheet[0] = append(sheet[0], h)
	}
	for _, r := range rows {
		var line []string
		var typed []any
		for _, v := range variables {
			line = append(line, r.Custom[v.Name])
		}
		line = append(line, r.Address)
		for _, s := range line {
			if workbook && strings.HasPrefix(s, "'") || strings.Contains(s, "_x") {
				return // such a text of a workbook cannot be told from a guarded one, nor excelize's from an escaped one
			}
			typed = append(typed, s)
		}
		cells, sheet = append(cells, line), append(sheet, typed)
	}
	files := map[string][]byte{"csv": exported(t, header, cells)}
	if workbook {
		files["xlsx"] = book(t, sheet...)
	}
	for kind, b := range files {
		f, err := open(b)
		if err != nil {
			t.Fatalf("what was exported as %s is refused: %v\n%q", kind, err, b)
		}
		got, report := readAs(t, f, again)
		if len(got) != len(rows) || report.Wrong != 0 {
			t.Fatalf("%d rows came back as %d from %s: %+v\n%q", len(rows), len(got), kind, report, b)
		}
		for i := range rows {
			if got[i].Address != rows[i].Address || !maps.Equal(got[i].Custom, rows[i].Custom) {
				t.Errorf("%s: %+v came back as %+v\n%q", kind, rows[i], got[i], b)
			}
		}
	}
}
