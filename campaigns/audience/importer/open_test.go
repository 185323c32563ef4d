package importer_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/xuri/excelize/v2"

	"herald/campaigns/audience/importer"
)

func TestRefusedFiles(t *testing.T) {
	t.Parallel()
	ok := book(t, []any{"EMAIL"}, []any{"ann@contoso.example"})
	wide := make([]string, 51)
	for i := range wide {
		wide[i] = fmt.Sprintf("H%d", i)
	}
	wide[0] = "EMAIL"
	var noise []byte
	for i := range 5000 {
		noise = append(noise, byte(i*i*7+i>>3))
	}
	for name, c := range map[string]struct {
		file []byte
		code importer.Code
		says string // in the message
	}{
		"empty":                   {nil, importer.CodeEmptyFile, "empty"},
		"only a mark":             {[]byte("\ufeff"), importer.CodeEmptyFile, "nothing"},
		"only blank lines":        {[]byte("\n \t\n;;\n"), importer.CodeEmptyFile, "nothing"},
		"only separators":         {[]byte(",,,\n,,,\n"), importer.CodeEmptyFile, "nothing"},
		"workbook with no cells":  {book(t), importer.CodeEmptyFile, "No visible sheet"},
		"PDF":                     {[]byte("%PDF-1.7\nEMAIL\nann@contoso.example"), importer.CodeBinary, "neither"},
		"PNG":                     {[]byte("\x89PNG\r\n\x1a\n\x00\x00"), importer.CodeBinary, "neither"},
		"noise":                   {noise, importer.CodeBinary, "neither"},
		"NUL bytes":               {make([]byte, 3000), importer.CodeBinary, "neither"},
		"web page":                {[]byte("\n<!DOCTYPE html><table><tr><td>EMAIL"), importer.CodeWebPage, "save it as .xlsx"},
		"XML spreadsheet":         {[]byte(`<?xml version="1.0"?><Workbook/>`), importer.CodeWebPage, "save it as .xlsx"},
		"old workbook":            {compound("Workbook"), importer.CodeUnsupported, ".xls"},
		"other compound file":     {compound("WordDocument"), importer.CodeBinary, "neither"},
		"encrypted workbook":      {encrypted(t), importer.CodeProtected, "password"},
		"workbook cut short":      {ok[:len(ok)/2], importer.CodeBroken, "damaged"},
		"empty archive":           {archive(t, nil), importer.CodeBinary, "archive"},
		"archive with a list":     {archive(t, map[string]string{"people.csv": "EMAIL\nann@contoso.example"}), importer.CodeBinary, "Unpack it"},
		"OpenDocument":            {archive(t, map[string]string{"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": "<x/>"}), importer.CodeUnsupported, "OpenDocument"},
		"binary workbook":         {archive(t, packed("xl/workbook.bin")), importer.CodeUnsupported, ".xlsb"},
		"Word document":           {archive(t, packed("word/document.xml")), importer.CodeBinary, "Word"},
		"no workbook in it":       {archive(t, packed("xl/workbook.xml")), importer.CodeBroken, "damaged"},
		"sheet cut short":         {rawBook(t, inline(1, "EMAIL")+inline(2, "ann@contoso.example")+"<row", "", ""), importer.CodeBroken, "damaged"},
		"text that is not there":  {rawBook(t, inline(1, "EMAIL")+`<row><c t="s"><v>7</v></c></row>`, "", ""), importer.CodeBroken, "damaged"},
		"rows out of order":       {rawBook(t, inline(2, "EMAIL")+inline(1, "ann@contoso.example"), "", ""), importer.CodeBroken, "damaged"},
		"row beyond the last":     {rawBook(t, inline(1, "EMAIL")+inline(1<<20+1, "ann@contoso.example"), "", ""), importer.CodeBroken, "damaged"},
		"cells out of order":      {rawBook(t, `<row><c r="B1"><v>1</v></c><c r="A1"><v>1</v></c></row>`, "", ""), importer.CodeBroken, "damaged"},
		"cell with a silly name":  {rawBook(t, `<row><c r="ZZZZZZZZZZZZ1"><v>1</v></c></row>`, "", ""), importer.CodeBroken, "damaged"},
		"XML nested deep":         {rawBook(t, strings.Repeat("<a>", 5000)+strings.Repeat("</a>", 5000), "", ""), importer.CodeBroken, "damaged"},
		"endless attribute":       {rawBook(t, `<row x="`+strings.Repeat("x", 2<<20)+`"></row>`, "", ""), importer.CodeBroken, "damaged"},
		"one address, no header":  {[]byte("ann@contoso.example\nbob@contoso.example\n"), importer.CodeNoHeader, `"ann@contoso.example"`},
		"rows without header":     {[]byte("Ann;Lee;ann@contoso.example\nBob;May;bob@contoso.example\n"), importer.CodeNoHeader, "names the columns"},
		"header only":             {[]byte("EMAIL,FIRSTNAME\n"), importer.CodeNoRows, "at least one row"},
		"header and blank rows":   {[]byte("EMAIL,FIRSTNAME\n,\n\n"), importer.CodeNoRows, "at least one row"},
		"header only, workbook":   {book(t, []any{"EMAIL"}), importer.CodeNoRows, "at least one row"},
		"duplicate headers":       {[]byte("EMAIL,Amount,AMOUNT\nann@contoso.example,1,2\n"), importer.CodeDuplicateHeader, "Columns B and C"},
		"duplicate with accents":  {[]byte("EMAIL,Prénom,PRE\u0301NOM \nann@contoso.example,1,2\n"), importer.CodeDuplicateHeader, "Columns B and C"},
		"values without header":   {[]byte("EMAIL,,CITY\nann@contoso.example,x,Lyon\n"), importer.CodeEmptyHeader, "Column B"},
		"header with a quote":     {[]byte("EMAIL,\"CITY\"x\nann@contoso.example,x\n"), importer.CodeBadHeader, "quote"},
		"quote never closed":      {[]byte("EMAIL,\"CITY\nann@contoso.example,x\n"), importer.CodeBadHeader, "never closed"},
		"no column of addresses":  {[]byte("CITY,AMOUNT\nLyon,3\n"), importer.CodeNoAddressColumn, `"CITY", "AMOUNT"`},
		"phones without header":   {[]byte("+525500998877\tCarlos\n+525511223344\tAna\n"), importer.CodeNoAddressColumn, `"+525500998877"`},
		"too many columns":        {[]byte(strings.Join(wide, ",") + "\n" + strings.Repeat("a,", 50) + "a\n"), importer.CodeTooManyColumns, "50"},
		"too many columns, sheet": {rawBook(t, inline(1, wide...)+inline(2, wide...), "", ""), importer.CodeTooManyColumns, "50"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := open(c.file)
			if got := codeOf(t, err); got != c.code || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v, want %s with %q", err, c.code, c.says)
			}
		})
	}
}

// TestHeaderFaultsAreAllNamed: the author mends them in one go.
func TestHeaderFaultsAreAllNamed(t *testing.T) {
	t.Parallel()
	_, err := open([]byte("\nEMAIL,a,A,,a\nann@contoso.example,1,2,3,4\n"))
	var e *importer.Error
	if !errors.As(err, &e) || len(e.Problems) != 3 {
		t.Fatalf("got %#v", err)
	}
	for i, want := range []importer.Code{importer.CodeDuplicateHeader, importer.CodeEmptyHeader, importer.CodeDuplicateHeader} {
		if p := e.Problems[i]; p.Code != want || p.Line != 2 {
			t.Errorf("problem %d is %+v, want %s in line 2", i, p, want)
		}
	}
}

// untouchable fails the test when it is read.
type untouchable struct{ t *testing.T }

func (u untouchable) ReadAt([]byte, int64) (int, error) {
	u.t.Error("the file was read")
	return 0, errors.New("read")
}

func TestTooLargeIsRefusedUnread(t *testing.T) {
	t.Parallel()
	_, err := importer.Open(untouchable{t}, 50<<20, importer.Limits{})
	if codeOf(t, err) != importer.CodeTooLarge || !strings.Contains(err.Error(), "50 MB") || !strings.Contains(err.Error(), "20 MB") {
		t.Errorf("got %v", err)
	}
}

type failing struct{}

var errDisk = errors.New("disk")

func (failing) ReadAt([]byte, int64) (int, error) { return 0, errDisk }

// TestReaderFails: the disk's fault is not the author's.
func TestReaderFails(t *testing.T) {
	t.Parallel()
	_, err := importer.Open(failing{}, 10, importer.Limits{})
	var e *importer.Error
	if !errors.Is(err, errDisk) || errors.As(err, &e) {
		t.Errorf("got %v", err)
	}
}

func TestZipBomb(t *testing.T) {
	t.Parallel()
	rows := inline(1, "EMAIL") + inline(2, "ann@contoso.example")
	honest := rawBook(t, rows+strings.Repeat(" ", 3<<20), "", "")
	if len(honest) > 100<<10 {
		t.Fatalf("the bomb has %d bytes", len(honest))
	}
	lim := importer.Limits{Unpacked: 2 << 20}
	_, err := importer.Open(bytes.NewReader(honest), int64(len(honest)), lim)
	if codeOf(t, err) != importer.CodeUnpacksTooLarge || !strings.Contains(err.Error(), "2 MB") {
		t.Errorf("announced: %v", err)
	}

	// One that lies about its size, in the only place where it is looked up.
	lying := bytes.Clone(honest)
	for i := 0; ; {
		n := bytes.Index(lying[i:], []byte("PK\x01\x02"))
		if n < 0 {
			break
		}
		i += n + 4
		if size := lying[i+20 : i+24]; binary.LittleEndian.Uint32(size) > 1<<20 {
			binary.LittleEndian.PutUint32(size, 1000)
		}
	}
	f, err := importer.Open(bytes.NewReader(lying), int64(len(lying)), lim)
	if err == nil {
		_, err = f.Check(t.Context(), f.Suggested())
	}
	if code := codeOf(t, err); code != importer.CodeBroken && code != importer.CodeUnpacksTooLarge {
		t.Errorf("lying: %v", err)
	}

	// Texts: many of them, each small.
	texts := rawBook(t, inline(1, "EMAIL")+inline(2, "ann@contoso.example"), strings.Repeat("<si/>", 1001), "")
	for n, want := range map[int]importer.Code{1000: importer.CodeUnpacksTooLarge, 1001: ""} {
		if _, err := importer.Open(bytes.NewReader(texts), int64(len(texts)), importer.Limits{}.WithTexts(n)); codeOf(t, err) != want {
			t.Errorf("%d texts: %v", n, err)
		}
	}

	// Sheets: many of them, all of them one and the same large part without rows.
	parts := packed("xl/workbook.xml")
	parts["xl/workbook.xml"] = `<workbook xmlns:r="x/relationships"><sheets>` + strings.Repeat(`<sheet name="S" r:id="r1"/>`, 1000) + `</sheets></workbook>`
	parts["xl/_rels/workbook.xml.rels"] = `<Relationships><Relationship Id="r1" Type="x/worksheet" Target="sheet.xml"/></Relationships>`
	parts["xl/sheet.xml"] = "<worksheet>" + strings.Repeat(" ", 1<<20-100) + "</worksheet>"
	sheets := archive(t, parts)
	if _, err := importer.Open(bytes.NewReader(sheets), int64(len(sheets)), lim); codeOf(t, err) != importer.CodeUnpacksTooLarge {
		t.Errorf("sheets: %v", err)
	}

	// Parts: many of them, each empty.
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := range 10_001 {
		if _, err := z.CreateHeader(&zip.FileHeader{Name: fmt.Sprint(i)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := open(b.Bytes()); codeOf(t, err) != importer.CodeBroken {
		t.Errorf("parts: %v", err)
	}
}

// TestDamageBehindTheRows: a part whose checksum is wrong is not believed, although
// all rows could be read.
func TestDamageBehindTheRows(t *testing.T) {
	t.Parallel()
	for name, tail := range map[string]string{"tag": "<oops", "wrong tag": "</oops>"} {
		b := rawBook(t, inline(1, "EMAIL")+strings.Repeat(inline2, 300)+"</sheetData>"+tail, "", "")
		f, err := open(b)
		if err == nil {
			_, err = f.Check(t.Context(), f.Suggested())
		}
		if codeOf(t, err) != importer.CodeBroken {
			t.Errorf("%s: %v", name, err)
		}
	}
}

const inline2 = `<row><c t="inlineStr"><is><t>ann@contoso.example</t></is></c></row>`

func TestTooManyRows(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("EMAIL\n\n")
	for i := range 6 {
		fmt.Fprintf(&b, "p%d@contoso.example\n\n", i)
	}
	for rows, want := range map[int]importer.Code{5: importer.CodeTooManyRows, 6: ""} {
		f, err := importer.Open(strings.NewReader(b.String()), int64(b.Len()), importer.Limits{Rows: rows})
		if err != nil {
			t.Fatal(err)
		}
		report, err := f.Check(t.Context(), f.Suggested())
		if got := codeOf(t, err); got != want || report.Total != rows {
			t.Errorf("limit %d: %v after %d rows", rows, err, report.Total)
		}
	}
}

func TestEncodings(t *testing.T) {
	t.Parallel()
	const text = "EMAIL;PRÉNOM;VILLE\nzoe@contoso.example;Zoé;Orléans\nann@contoso.example;Ann;\"São;Paulo\"\n"
	latin := strings.NewReplacer("É", "\xc9", "é", "\xe9", "ã", "\xe3").Replace(text)
	for name, c := range map[string]struct {
		file     []byte
		encoding string
	}{
		"UTF-8":                   {[]byte(text), "UTF-8"},
		"UTF-8 with mark":         {[]byte("\ufeff" + text), "UTF-8"},
		"UTF-16 LE":               {wide(text, binary.LittleEndian, true), "UTF-16LE"},
		"UTF-16 BE":               {wide(text, binary.BigEndian, true), "UTF-16BE"},
		"UTF-16 LE, no mark":      {wide(text, binary.LittleEndian, false), "UTF-16LE"},
		"UTF-16 BE, no mark":      {wide(text, binary.BigEndian, false), "UTF-16BE"},
		"Windows-1252":            {[]byte(latin), "Windows-1252"},
		"told by sep=":            {[]byte("sep=;\r\n" + text), "UTF-8"},
		"CRLF":                    {[]byte(strings.ReplaceAll(text, "\n", "\r\n")), "UTF-8"},
		"CR alone":                {[]byte(strings.ReplaceAll(text, "\n", "\r")), "UTF-8"},
		"no line end at the end":  {[]byte(strings.TrimSpace(text)), "UTF-8"},
		"blank lines all over":    {[]byte("\n\n" + strings.ReplaceAll(text, "\n", "\n\n \n")), "UTF-8"},
		"spaces around the cells": {[]byte(strings.ReplaceAll(text, ";", " ; ")), "UTF-8"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := mustOpen(t, c.file)
			if got := f.Format(); got.Encoding != c.encoding || got.Separator != ";" || got.Kind != importer.CSV {
				t.Errorf("format %+v", got)
			}
			rows, report := readAll(t, f)
			if report.Good != 2 || rows[0].FirstName != "Zoé" || rows[0].Custom["PRÉNOM"] != "Zoé" || rows[0].Custom["VILLE"] != "Orléans" {
				t.Fatalf("rows %+v, %+v", rows, report)
			}
			if v := strings.ReplaceAll(rows[1].Custom["VILLE"], " ", ""); v != "São;Paulo" {
				t.Errorf("quoted cell came as %q", v)
			}
		})
	}
}

// TestDamagedUTF8: one lost byte must not turn every accent into "Ã©".
func TestDamagedUTF8(t *testing.T) {
	t.Parallel()
	f := mustOpen(t, []byte("EMAIL,CITY\na@contoso.example,Orléans\nb@contoso.example,S\xc3o\nc@contoso.example,Besançon\n"))
	rows, report := readAll(t, f)
	if report.Good != 2 || rows[1].Custom["CITY"] != "Besançon" || report.Problems[0].Code != importer.CodeDamagedCharacter || report.Problems[0].Line != 3 {
		t.Errorf("rows %+v, report %+v", rows, report)
	}
}

func TestSeparators(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text string
		sep  string
		kind importer.Kind
	}{
		"comma":                             {"EMAIL,CITY\na@contoso.example,Lyon\n", ",", importer.CSV},
		"semicolon":                         {"EMAIL;CITY\na@contoso.example;Lyon\n", ";", importer.CSV},
		"tab":                               {"EMAIL\tCITY\na@contoso.example\tLyon\n", "\t", importer.TSV},
		"one column":                        {"EMAIL\na@contoso.example\n", ",", importer.CSV},
		"semicolon, decimal commas":         {"EMAIL;AMOUNT\na@contoso.example;1,5\nb@contoso.example;2,5\n", ";", importer.CSV},
		"semicolon, commas everywhere":      {"EMAIL;LAST, FIRST\na@contoso.example;Lee, Ann\n", ";", importer.CSV},
		"comma, semicolons in cells":        {"EMAIL,TAGS\na@contoso.example,a;b;c\nb@contoso.example,a\n", ",", importer.CSV},
		"comma, quoted semicolon in header": {"EMAIL,CITY,\"A;B\"\na@contoso.example,Lyon,x\n", ",", importer.CSV},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := mustOpen(t, []byte(c.text))
			if got := f.Format(); got.Separator != c.sep || got.Kind != c.kind {
				t.Errorf("format %+v", got)
			}
			if _, r := readAll(t, f); r.Wrong > 0 {
				t.Errorf("report %+v", r)
			}
		})
	}
}

func wide(s string, order binary.AppendByteOrder, mark bool) []byte {
	var b []byte
	if mark {
		b = order.AppendUint16(b, 0xFEFF)
	}
	for _, u := range utf16.Encode([]rune(s)) {
		b = order.AppendUint16(b, u)
	}
	return b
}

// compound makes what looks like a file in Microsoft's older container.
func compound(stream string) []byte {
	b := append([]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), make([]byte, 1000)...)
	return append(b, wide(stream, binary.LittleEndian, false)...)
}

func encrypted(t *testing.T) []byte {
	return bookWith(t, func(f *excelize.File) { fill(t, f, "Sheet1", []any{"EMAIL"}, []any{"ann@contoso.example"}) },
		excelize.Options{Password: "secret"})
}

// packed are the parts of an archive whose main part is target.
func packed(target string) map[string]string {
	return map[string]string{
		"[Content_Types].xml": "<Types/>",
		"_rels/.rels":         `<Relationships><Relationship Id="r1" Type="x/officeDocument" Target="` + target + `"/></Relationships>`,
	}
}
