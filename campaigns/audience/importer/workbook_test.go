package importer_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"herald/campaigns/audience/importer"
)

// custom reads a file with one person and gives the values beyond the address, with
// every column as text.
func custom(t *testing.T, b []byte) map[string]string {
	t.Helper()
	f := mustOpen(t, b)
	m := f.Suggested()
	for i := range m {
		if m[i].Role != importer.Address {
			m[i] = importer.Target{Role: importer.Custom, Type: importer.Text}
		}
	}
	rows, report := readAs(t, f, m)
	if len(rows) != 1 || report.Wrong != 0 {
		t.Fatalf("%d rows, %+v", len(rows), report)
	}
	return rows[0].Custom
}

// TestCellsOfWorkbooks: real workbooks, written by excelize.
func TestCellsOfWorkbooks(t *testing.T) {
	t.Parallel()
	day := time.Date(2026, 3, 31, 0, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		value  any
		format string // number format; empty: what excelize gives
		want   string
	}{
		"text":                    {"Zoé", "", "Zoé"},
		"text like a number":      {"0042", "", "0042"},
		"text like a formula":     {"=1+1", "", "=1+1"},
		"text with an apostrophe": {"'=1+1", "", "'=1+1"},
		"carriage return":         {"a\r\nb", "", "a b"},
		"integer":                 {1200, "", "1200"},
		"negative":                {-3.5, "", "-3.5"},
		"large":                   {15000000000, "", "15000000000"},
		"large with exponent":     {1.5e+21, "", "1500000000000000000000"},
		"small":                   {1.5e-7, "", "0.00000015"},
		"rounding":                {0.1 + 0.2, "", "0.3"},
		"formatted":               {1200.5, `#,##0.00 "days"`, "1200.5"},
		"percent":                 {0.25, "0%", "0.25"},
		"red when negative":       {-5, "#,##0;[Red]-#,##0", "-5"},
		"true":                    {true, "", "TRUE"},
		"false":                   {false, "", "FALSE"},
		"date":                    {day, "yyyy-mm-dd", "2026-03-31"},
		"date of excelize":        {day, "", "2026-03-31"},
		"French date":             {day, `[$-40C]d\ mmmm\ yyyy;@`, "2026-03-31"},
		"month alone":             {day, "mmm", "2026-03-31"},
		"date that hides time":    {day.Add(14 * time.Hour), "dd/mm/yyyy", "2026-03-31"},
		"date and time":           {day.Add(14*time.Hour + 5*time.Minute), "dd/mm/yyyy hh:mm", "2026-03-31 14:05"},
		"midnight":                {day, "dd/mm/yyyy hh:mm", "2026-03-31"},
		"time":                    {0.5, "hh:mm", "12:00"},
		"time with seconds":       {0.5 + 1.0/86400, "[h]:mm:ss", "12:00:01"},
		"hours that passed":       {1.5, "[h]:mm", "36:00"},
		"first day":               {1, "yyyy-mm-dd", "1900-01-01"},
		"day before the leap":     {59, "yyyy-mm-dd", "1900-02-28"},
		"the day that never was":  {60, "yyyy-mm-dd", "1900-02-29"},
		"day after the leap":      {61, "yyyy-mm-dd", "1900-03-01"},
		"last day":                {2958465, "yyyy-mm-dd", "9999-12-31"},
		"no day at all":           {2958466, "yyyy-mm-dd", "2958466"},
		"negative day":            {-1, "yyyy-mm-dd", "-1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := bookWith(t, func(f *excelize.File) {
				fill(t, f, "Sheet1", []any{"EMAIL", "X"}, []any{"a@contoso.example", c.value})
				if c.format == "" {
					return
				}
				style, err := f.NewStyle(&excelize.Style{CustomNumFmt: &c.format})
				if err == nil {
					err = f.SetCellStyle("Sheet1", "B2", "B2", style)
				}
				if err != nil {
					t.Fatal(err)
				}
			})
			if got := custom(t, b)["X"]; got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// TestCellsAsXML: what other programs write.
func TestCellsAsXML(t *testing.T) {
	t.Parallel()
	const styles = `<cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="22"/></cellXfs>`
	const texts = `<si><t>plain</t></si><si><r><t>rich </t></r><r><rPr><b/></rPr><t>text</t></r></si><si><t>東京</t><rPh sb="0" eb="2"><t>トウキョウ</t></rPh></si>`
	for cell, want := range map[string]string{
		`<c t="s"><v>0</v></c>`:                                        "plain",
		`<c t="s"><v>1</v></c>`:                                        "rich text",
		`<c t="s"><v>2</v></c>`:                                        "東京",
		`<c t="inlineStr"><is><t>in &lt;line&gt;</t></is></c>`:         "in <line>",
		`<c t="inlineStr"><is><r><t>a</t></r><r><t>b</t></r></is></c>`: "ab",
		`<c t="str"><f>A1&amp;"x"</f><v>cached</v></c>`:                "cached",
		`<c><f>1+1</f><v>2</v></c>`:                                    "2",
		`<c t="n"><v>1.5E+10</v></c>`:                                  "15000000000",
		`<c t="n"><v>1.50</v></c>`:                                     "1.50",
		`<c t="n"><v>0.30000000000000004</v></c>`:                      "0.3",
		`<c s="0"><v>45000</v></c>`:                                    "45000",
		`<c s="1"><v>46112</v></c>`:                                    "2026-03-31",
		`<c s="2"><v>46112.5</v></c>`:                                  "2026-03-31 12:00",
		`<c s="9"><v>46112</v></c>`:                                    "46112",
		`<c s="1" t="str"><v>46112</v></c>`:                            "46112",
		`<c t="d"><v>2026-03-31T00:00:00.000Z</v></c>`:                 "2026-03-31",
		`<c t="d"><v>2026-03-31</v></c>`:                               "2026-03-31",
		`<c t="b"><v>1</v></c>`:                                        "TRUE",
		`<c t="inlineStr"><is><t>a_x000D__x000A_b</t></is></c>`:        "a b",
		`<c t="inlineStr"><is><t>a_x005F_x0041_</t></is></c>`:          "a_x0041_",
		`<c><v>not a number</v></c>`:                                   "not a number",
		`<c t="n"><v>NaN</v></c>`:                                      "NaN",
		`<c t="n"><v>1E400</v></c>`:                                    "1E400",
	} {
		b := rawBook(t, inline(1, "EMAIL", "X")+`<row><c t="inlineStr"><is><t>a@contoso.example</t></is></c>`+cell+`</row>`, texts, styles)
		if got := custom(t, b)["X"]; got != want {
			t.Errorf("%s is %q, want %q", cell, got, want)
		}
	}
}

func TestWrongCellsOfWorkbooks(t *testing.T) {
	t.Parallel()
	for cell, want := range map[string]importer.Code{
		`<c t="e"><f>1/0</f><v>#DIV/0!</v></c>`:                                   importer.CodeCellError,
		`<c t="inlineStr"><is><t>a_x0000_b</t></is></c>`:                          importer.CodeControlCharacter,
		`<c t="inlineStr"><is><t>` + strings.Repeat("x", 32767) + `</t></is></c>`: importer.CodeCellTooLong,
		`<c/><c t="inlineStr"><is><t>beyond the header</t></is></c>`:              importer.CodeTooManyCells,
		`<c r="XFD3" t="inlineStr"><is><t>far beyond the header</t></is></c>`:     importer.CodeTooManyCells,
		`<c t="s"><v>0</v></c>`:                                                   importer.CodeCellTooLong,
	} {
		b := rawBook(t, inline(1, "EMAIL", "X")+inline(2, "b@contoso.example")+`<row r="7"><c t="inlineStr"><is><t>a@contoso.example</t></is></c>`+cell+`</row>`, "<si><t>"+strings.Repeat("x", 20_000)+"</t></si>", "")
		_, report := readAll(t, mustOpen(t, b))
		if report.Good != 1 || report.Wrong != 1 || report.Problems[0].Code != want || report.Problems[0].Line != 7 {
			t.Errorf("%.60s: %+v, want %s", cell, report, want)
		}
	}
}

// TestSheets: the first visible sheet with anything in it is read.
func TestSheets(t *testing.T) {
	t.Parallel()
	b := bookWith(t, func(f *excelize.File) {
		for _, name := range []string{"Lookup", "People", "Later"} {
			if _, err := f.NewSheet(name); err != nil {
				t.Fatal(err)
			}
		}
		for _, name := range []string{"Lookup", "People", "Later"} {
			fill(t, f, name, []any{"EMAIL"}, []any{strings.ToLower(name) + "@contoso.example"})
		}
		if err := f.SetSheetVisible("Lookup", false); err != nil {
			t.Fatal(err)
		}
	})
	f := mustOpen(t, b)
	if rows, _ := readAll(t, f); f.Format().Sheet != "People" || len(rows) != 1 || rows[0].Address != "people@contoso.example" {
		t.Errorf("%+v, %+v", f.Format(), rows)
	}
}

// TestLayout: rows and columns that are empty, merged or formatted do no harm, and
// lines are those that Excel shows.
func TestLayout(t *testing.T) {
	t.Parallel()
	b := bookWith(t, func(f *excelize.File) {
		for at, v := range map[string]string{"B3": "EMAIL", "D3": "CITY", "B5": "a@contoso.example", "D5": "Lyon", "B9": "b@contoso.example", "B10": "c@contoso.example", "D10": "Brest"} {
			if err := f.SetCellValue("Sheet1", at, v); err != nil {
				t.Fatal(err)
			}
		}
		bold, err := f.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}})
		if err == nil {
			err = f.SetCellStyle("Sheet1", "A1", "ZZ20", bold)
		}
		if err == nil {
			err = f.MergeCell("Sheet1", "D5", "D9")
		}
		if err != nil {
			t.Fatal(err)
		}
	})
	f := mustOpen(t, b)
	rows, report := readAll(t, f)
	var got []string
	for _, r := range rows {
		got = append(got, fmt.Sprint(r.Line, r.Address, r.Custom["CITY"]))
	}
	if s := strings.Join(got, "|"); s != "5a@contoso.exampleLyon|9b@contoso.example|10c@contoso.exampleBrest" || report.Wrong != 0 {
		t.Errorf("%s, %+v", s, report)
	}
}

func TestDatesSince1904(t *testing.T) {
	t.Parallel()
	b := bookWith(t, func(f *excelize.File) {
		yes := true
		if err := f.SetWorkbookProps(&excelize.WorkbookPropsOptions{Date1904: &yes}); err != nil {
			t.Fatal(err)
		}
		format := "yyyy-mm-dd"
		style, err := f.NewStyle(&excelize.Style{CustomNumFmt: &format})
		if err != nil {
			t.Fatal(err)
		}
		fill(t, f, "Sheet1", []any{"EMAIL", "DATE"}, []any{"a@contoso.example", 44650})
		if err := f.SetCellStyle("Sheet1", "B2", "B2", style); err != nil {
			t.Fatal(err)
		}
	})
	if got := custom(t, b)["DATE"]; got != "2026-03-31" {
		t.Errorf("got %s", got)
	}
}

// TestDateColumnOfWorkbook: a date column is checked after the conversion.
func TestDateColumnOfWorkbook(t *testing.T) {
	t.Parallel()
	day := time.Date(2026, 3, 31, 0, 0, 0, 0, time.UTC)
	f := mustOpen(t, book(t, []any{"EMAIL", "FECHA"}, []any{"a@contoso.example", day}, []any{"b@contoso.example", "2026-13-45"}, []any{"c@contoso.example", 45000}))
	rows, report := readAll(t, f)
	if len(rows) != 1 || rows[0].Custom["FECHA"] != "2026-03-31" || report.Counts[importer.CodeInvalidDate] != 2 {
		t.Errorf("%+v, %+v", rows, report)
	}
}
