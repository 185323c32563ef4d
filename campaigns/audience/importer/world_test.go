package importer_test

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"herald/campaigns/audience/importer"
)

// open opens a file's bytes with the usual limits.
func open(b []byte) (*importer.File, error) {
	return importer.Open(bytes.NewReader(b), int64(len(b)), importer.Limits{})
}

func mustOpen(t testing.TB, b []byte) *importer.File {
	t.Helper()
	f, err := open(b)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	return f
}

// readAll reads a file with the suggested mapping.
func readAll(t testing.TB, f *importer.File) ([]importer.Row, importer.Report) {
	t.Helper()
	return readAs(t, f, f.Suggested())
}

func readAs(t testing.TB, f *importer.File, m importer.Mapping) ([]importer.Row, importer.Report) {
	t.Helper()
	var rows []importer.Row
	report, err := f.Read(t.Context(), m, func(r importer.Row) error { rows = append(rows, r); return nil })
	if err != nil {
		t.Fatalf("Read: %v", err)
	}
	return rows, report
}

// codeOf is the code of an *Error; any other error fails the test.
func codeOf(t testing.TB, err error) importer.Code {
	t.Helper()
	if err == nil {
		return ""
	}
	var e *importer.Error
	if !errors.As(err, &e) {
		t.Fatalf("%v is no *importer.Error", err)
	}
	if e.Message == "" || !strings.HasSuffix(e.Message, ".") || !utf8.ValidString(e.Message) {
		t.Errorf("%s says %q", e.Code, e.Message)
	}
	return e.Code
}

// book makes a workbook with excelize; values are what SetCellValue takes.
func book(t testing.TB, rows ...[]any) []byte {
	t.Helper()
	return bookWith(t, func(f *excelize.File) { fill(t, f, "Sheet1", rows...) })
}

func fill(t testing.TB, f *excelize.File, sheet string, rows ...[]any) {
	t.Helper()
	for i, row := range rows {
		for j, v := range row {
			if v == nil {
				continue
			}
			at, _ := excelize.CoordinatesToCellName(j+1, i+1)
			if err := f.SetCellValue(sheet, at, v); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func bookWith(t testing.TB, do func(*excelize.File), opts ...excelize.Options) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	do(f)
	var b bytes.Buffer
	if err := f.Write(&b, opts...); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// rawBook makes a workbook whose sheet, texts and styles are given as XML, for what
// excelize does not write.
func rawBook(t testing.TB, sheet, texts, styles string) []byte {
	t.Helper()
	const ns = `xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"`
	const rel = `http://schemas.openxmlformats.org/officeDocument/2006/relationships`
	return archive(t, map[string]string{
		"[Content_Types].xml": `<Types/>`,
		"_rels/.rels":         `<Relationships><Relationship Id="r1" Type="` + rel + `/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
		"xl/workbook.xml":     `<workbook ` + ns + ` xmlns:r="` + rel + `"><sheets><sheet name="People" sheetId="1" r:id="r1"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": `<Relationships><Relationship Id="r1" Type="` + rel + `/worksheet" Target="worksheets/sheet1.xml"/>` +
			`<Relationship Id="r2" Type="` + rel + `/sharedStrings" Target="/xl/sharedStrings.xml"/>` +
			`<Relationship Id="r3" Type="` + rel + `/styles" Target="styles.xml"/></Relationships>`,
		"xl/worksheets/sheet1.xml": `<worksheet ` + ns + `><sheetData>` + sheet + `</sheetData></worksheet>`,
		"xl/sharedStrings.xml":     `<sst ` + ns + `>` + texts + `</sst>`,
		"xl/styles.xml":            `<styleSheet ` + ns + `>` + styles + `</styleSheet>`,
	})
}

func archive(t testing.TB, parts map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range slices.Sorted(maps.Keys(parts)) {
		w, err := z.Create(name)
		if err == nil {
			_, err = w.Write([]byte(parts[name]))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// inline is a row of a sheet with texts in it.
func inline(line int, cells ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<row r="%d">`, line)
	for _, c := range cells {
		b.WriteString(`<c t="inlineStr"><is><t>` + c + `</t></is></c>`)
	}
	b.WriteString(`</row>`)
	return b.String()
}

// exported writes rows as Herald's exports do (tab/export.go): CSV with a mark, and
// an apostrophe before what a spreadsheet would run.
func exported(t testing.TB, header []string, rows [][]string) []byte {
	t.Helper()
	var b bytes.Buffer
	b.WriteString("\ufeff")
	w := csv.NewWriter(&b)
	for _, row := range append([][]string{header}, rows...) {
		safe := make([]string, len(row))
		for i, s := range row {
			if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
				s = "'" + s
			}
			safe[i] = s
		}
		if err := w.Write(safe); err != nil {
			t.Fatal(err)
		}
	}
	w.Flush()
	return b.Bytes()
}
