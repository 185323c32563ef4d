package importer_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/mail"
	"strings"
	"testing"
	"unicode/utf8"

	"herald/campaigns/audience/importer"
)

// TestWrongRows: every way in which a row can be wrong, with its place. Line 2 of each
// file is good, and so is every row that is not named.
func TestWrongRows(t *testing.T) {
	t.Parallel()
	const good = "\nfirst@contoso.example,Ann,1200,2016-12-25\n"
	long := strings.Repeat("x", 1001)
	for name, c := range map[string]struct {
		rows   string // from line 3 on
		line   int
		column string
		code   importer.Code
		says   string
		good   int // besides line 2
	}{
		"no address":               {",Bob,1,\n", 3, "EMAIL", importer.CodeMissingAddress, "no address", 0},
		"blank address":            {" \u00a0 ,Bob,1,\n", 3, "EMAIL", importer.CodeMissingAddress, "no address", 0},
		"not an address":           {"bob,Bob,1,\n", 3, "EMAIL", importer.CodeInvalidAddress, "name@company.com", 0},
		"no domain":                {"bob@localhost,Bob,1,\n", 3, "EMAIL", importer.CodeInvalidAddress, `"bob@localhost"`, 0},
		"telephone":                {"+52 5500 998877,Bob,1,\n", 3, "EMAIL", importer.CodeInvalidAddress, "telephone", 0},
		"name and address":         {"Bob <bob@contoso.example>,Bob,1,\n", 3, "EMAIL", importer.CodeInvalidAddress, "only bob@contoso.example", 0},
		"address with RTL":         {"bob\u202e@contoso.example,Bob,1,\n", 3, "EMAIL", importer.CodeInvalidAddress, "invisible", 0},
		"address with soft hyphen": {"bo\u00adb@contoso.example,Bob,1,\n", 3, "EMAIL", importer.CodeInvalidAddress, "invisible", 0},
		"two addresses":            {"\"a@contoso.example,b@contoso.example\",Bob,1,\n", 3, "EMAIL", importer.CodeInvalidAddress, "not an e-mail address", 0},
		"script for an address":    {"<script>alert(1)</script>@contoso.example,Bob,1,\n", 3, "EMAIL", importer.CodeInvalidAddress, "not an e-mail address", 0},
		"address too long":         {strings.Repeat("x", 250) + "@contoso.example,Bob,1,\n", 3, "EMAIL", importer.CodeInvalidAddress, "not an e-mail address", 0},
		"duplicate":                {"b@contoso.example,B,1,\nFIRST@Contoso.Example,Bob,1,\n", 4, "EMAIL", importer.CodeDuplicateAddress, "line 2 already", 1},
		"not a number":             {"b@contoso.example,B,many,\n", 3, "AMOUNT", importer.CodeInvalidNumber, `"many"`, 0},
		"thousands":                {"b@contoso.example,B,\"1,200.50\",\n", 3, "AMOUNT", importer.CodeInvalidNumber, "1200,50", 0},
		"thousands by space":       {"b@contoso.example,B,1 200,\n", 3, "AMOUNT", importer.CodeInvalidNumber, "1200,50", 0},
		"shortened by Excel":       {"b@contoso.example,B,1.5E+10,\n", 3, "AMOUNT", importer.CodeInvalidNumber, "shortened", 0},
		"no such month":            {"b@contoso.example,B,1,2026-13-45\n", 3, "DATE", importer.CodeInvalidDate, `no day "2026-13-45"`, 0},
		"no such day":              {"b@contoso.example,B,1,2026-02-29\n", 3, "DATE", importer.CodeInvalidDate, "no day", 0},
		"date the other way":       {"b@contoso.example,B,1,31/03/2026\n", 3, "DATE", importer.CodeInvalidDate, "YYYY-MM-DD", 0},
		"date without zeros":       {"b@contoso.example,B,1,2026-3-1\n", 3, "DATE", importer.CodeInvalidDate, "YYYY-MM-DD", 0},
		"too long":                 {"b@contoso.example," + long + ",1,\n", 3, "FIRSTNAME", importer.CodeCellTooLong, "1000", 0},
		"very long":                {"b@contoso.example," + strings.Repeat("é", 10_000) + ",1,\n", 3, "FIRSTNAME", importer.CodeCellTooLong, "1000", 0},
		"too many cells":           {"b@contoso.example,B,1,2026-01-01,x\n", 3, "", importer.CodeTooManyCells, "column E", 0},
		"far too many cells":       {"b@contoso.example,B,1,2026-01-01" + strings.Repeat(",", 60) + "x\n", 3, "", importer.CodeTooManyCells, "50", 0},
		"too few cells":            {"b@contoso.example,B\n", 3, "", importer.CodeTooFewCells, "2 cells, the header has 4", 0},
		"NUL":                      {"b@contoso.example,B\x00b,1,\n", 3, "FIRSTNAME", importer.CodeControlCharacter, "U+0000", 0},
		"escape":                   {"b@contoso.example,\x1b[31mB,1,\n", 3, "FIRSTNAME", importer.CodeControlCharacter, "U+001B", 0},
		"C1":                       {"b@contoso.example,B\u009bb,1,\n", 3, "FIRSTNAME", importer.CodeControlCharacter, "U+009B", 0},
		"lost character":           {"b@contoso.example,B\ufffdb,1,\n", 3, "FIRSTNAME", importer.CodeDamagedCharacter, "lost", 0},
		"quote never closed":       {"b@contoso.example,B,1,\nc@contoso.example,\"C,1,\nd@contoso.example,D,1,\n", 4, "", importer.CodeUnclosedQuote, "line 4", 1},
		"text behind a quote":      {"b@contoso.example,\"B\"b,1,\nc@contoso.example,C,1,\n", 3, "", importer.CodeMisplacedQuote, "twice", 1},
		"behind a long row":        {"b@contoso.example,\"B\n\nB\",1,\nnobody,C,1,\n", 6, "EMAIL", importer.CodeInvalidAddress, "nobody", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := mustOpen(t, []byte("EMAIL,FIRSTNAME,AMOUNT,DATE"+good+c.rows))
			m := f.Suggested()
			m[2].Type = importer.Number
			rows, report := readAs(t, f, m)
			if report.Good != 1+c.good || len(rows) != report.Good || report.Wrong != 1 || report.Total != report.Good+1 || len(report.Problems) != 1 || report.ProblemCount != 1 || report.Counts[c.code] != 1 {
				t.Fatalf("report %+v", report)
			}
			p := report.Problems[0]
			if p.Line != c.line || p.Column != c.column || p.Code != c.code || !strings.Contains(p.Message, c.says) {
				t.Errorf("got %+v", p)
			}
			if strings.ContainsAny(p.Message+p.Value, "\x00\x1b\u009b\u202e") || utf8.RuneCountInString(p.Value) > 201 || utf8.RuneCountInString(p.Message) > 400 {
				t.Errorf("not safe to show: %q, %q", p.Message, p.Value)
			}
			if checked, err := f.Check(t.Context(), m); err != nil || fmt.Sprint(checked) != fmt.Sprint(report) {
				t.Errorf("Check says %+v, %v; Read %+v", checked, err, report)
			}
		})
	}
}

// TestRowsWithSeveralProblems: the author mends a row in one go.
func TestRowsWithSeveralProblems(t *testing.T) {
	t.Parallel()
	f := mustOpen(t, []byte("EMAIL,FIRSTNAME,DATE\na@contoso.example,A,\nnobody,\x00,2026-13-45\n"))
	_, report := readAll(t, f)
	var got []importer.Code
	for _, p := range report.Problems {
		got = append(got, p.Code)
	}
	if fmt.Sprint(got) != "[invalid_address control_character invalid_date]" || report.Wrong != 1 || report.ProblemCount != 3 {
		t.Errorf("%v, %+v", got, report)
	}
}

// TestKeptValues: what is odd but harmless is read as it is.
func TestKeptValues(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ cell, want string }{
		"formula":            {`=HYPERLINK("https://evil.example";"x")`, `=HYPERLINK("https://evil.example";"x")`},
		"plus":               {"+1", "+1"},
		"at":                 {"@SUM(A1)", "@SUM(A1)"},
		"guarded by export":  {"'=1+1", "=1+1"},
		"guarded phone":      {"'+5255", "+5255"},
		"apostrophe":         {"'tis", "'tis"},
		"HTML":               {"<b>Ann</b>", "<b>Ann</b>"},
		"script":             {"<script>alert(1)</script>", "<script>alert(1)</script>"},
		"emoji":              {"👩‍👩‍👧 \U0001F600", "👩‍👩‍👧 \U0001F600"},
		"RTL override":       {"a\u202eb", "a\u202eb"},
		"Arabic":             {"محمد", "محمد"},
		"white space around": {" \u00a0\ufeffAnn\u200b ", "Ann"},
		"line break":         {"Rue 1\r\nLyon", "Rue 1 Lyon"},
		"line separator":     {"Rue 1\u2028Lyon", "Rue 1 Lyon"},
		"tab":                {"a\tb", "a b"},
		"quotes":             {`5" screen`, `5" screen`},
		"doubled quotes":     {`"Ann"`, `"Ann"`},
		"1000 characters":    {strings.Repeat("é", 1000), strings.Repeat("é", 1000)},
		"much white space":   {"Ann" + strings.Repeat(" ", 3000), "Ann"},
		"variable":           {"[FIRSTNAME]", "[FIRSTNAME]"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			files := map[string][]byte{"csv": []byte("EMAIL,X\na@contoso.example,\"" + strings.ReplaceAll(c.cell, `"`, `""`) + "\"\n")}
			if !strings.HasPrefix(c.cell, "'=") && !strings.HasPrefix(c.cell, "'+") { // texts of workbooks are not guarded
				files["xlsx"] = book(t, []any{"EMAIL", "X"}, []any{"a@contoso.example", c.cell})
			}
			for kind, b := range files {
				rows, report := readAll(t, mustOpen(t, b))
				if len(rows) != 1 || rows[0].Custom["X"] != c.want {
					t.Errorf("%s: %+v, %+v; want %q", kind, rows, report, c.want)
				}
			}
		})
	}
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	for _, a := range []string{"ann@contoso.example", "Ann.Lee@Contoso.Example", "o'brien@contoso.example", "ann+x@sub.contoso.example",
		"zoé@contoso.example", "ann_gmail.com#EXT#@contoso.onmicrosoft.example"} {
		rows, report := readAll(t, mustOpen(t, []byte("EMAIL\n"+a+"\n")))
		if len(rows) != 1 || rows[0].Address != a || rows[0].Identity != strings.ToLower(a) {
			t.Errorf("%s: %+v, %+v", a, rows, report)
		}
		if _, err := mail.ParseAddress(a); err != nil {
			t.Errorf("%s: %v", a, err)
		}
	}
}

func TestNumbersAndDates(t *testing.T) {
	t.Parallel()
	for _, v := range []string{"0", "1200", "-3.5", "+7", "1200,50", "007", "123456789012345678901234567890"} {
		checkTyped(t, importer.Number, v, true)
	}
	for _, v := range []string{"-", ".5", "5.", "1.2.3", "1,2,3", "0x10", "1e5", "NaN", "Inf", "١٢", "1_000", "--1", "+-1", "+-", strings.Repeat("1", 41)} {
		checkTyped(t, importer.Number, v, false)
	}
	for _, v := range []string{"2026-03-31", "2024-02-29", "0001-01-01", "9999-12-31"} {
		checkTyped(t, importer.Date, v, true)
	}
	for _, v := range []string{"2026-13-45", "2025-02-29", "2026-00-10", "2026-03-31T00:00:00Z", "31.03.2026", "45000", "20260331"} {
		checkTyped(t, importer.Date, v, false)
	}
}

func checkTyped(t *testing.T, typ importer.Type, value string, good bool) {
	t.Helper()
	f := mustOpen(t, []byte("EMAIL;X\na@contoso.example;"+value+"\n"))
	m := importer.Mapping{{Role: importer.Address}, {Role: importer.Custom, Type: typ}}
	rows, report := readAs(t, f, m)
	if (report.Good == 1) != good || good && rows[0].Custom["X"] != value {
		t.Errorf("%s %q: %+v", typ, value, report)
	}
	m[1].Role = importer.Ignored
	if rows, _ := readAs(t, f, m); len(rows) != 1 || rows[0].Custom != nil {
		t.Errorf("ignored, and yet %+v", rows)
	}
}

// TestWrongRowIsNotTheFirst: a wrong row must not take the person out of the list
// that a good one puts in.
func TestWrongRowIsNotTheFirst(t *testing.T) {
	t.Parallel()
	rows, report := readAll(t, mustOpen(t, []byte("EMAIL,DATE\na@contoso.example,2026-13-45\nA@contoso.example,2026-03-31\na@contoso.example,\n")))
	if len(rows) != 1 || rows[0].Line != 3 || report.Counts[importer.CodeDuplicateAddress] != 1 || !strings.Contains(report.Problems[1].Message, "line 3") {
		t.Errorf("%+v, %+v", rows, report)
	}
}

func TestFirstProblemsAreKeptAllAreCounted(t *testing.T) {
	t.Parallel()
	f := mustOpen(t, []byte("EMAIL\n"+strings.Repeat("nobody\n", 1500)))
	_, report := readAll(t, f)
	if len(report.Problems) != 1000 || report.ProblemCount != 1500 || report.Wrong != 1500 || report.Counts[importer.CodeInvalidAddress] != 1500 || report.Problems[999].Line != 1001 {
		t.Errorf("%d problems of %d", len(report.Problems), report.ProblemCount)
	}
}

func TestReadEnds(t *testing.T) {
	t.Parallel()
	f := mustOpen(t, []byte("EMAIL\na@contoso.example\nb@contoso.example\n"))
	stop := errors.New("stop")
	calls := 0
	if _, err := f.Read(t.Context(), f.Suggested(), func(importer.Row) error { calls++; return stop }); err != stop || calls != 1 {
		t.Errorf("%v after %d rows", err, calls)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := f.Check(ctx, f.Suggested()); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// TestExportComesBack: what Herald writes is read as it was.
func TestExportComesBack(t *testing.T) {
	t.Parallel()
	want := map[string]string{"A": "=1+1", "B": "-5", "C": "@x", "D": `say "hi", you; there`, "E": "+52 55", "F": "a,b"}
	var header, row []string
	for _, k := range []string{"A", "B", "C", "D", "E", "F"} {
		header, row = append(header, k), append(row, want[k])
	}
	rows, report := readAll(t, mustOpen(t, exported(t, append([]string{"EMAIL"}, header...), [][]string{append([]string{"a@contoso.example"}, row...)})))
	if len(rows) != 1 || !maps.Equal(rows[0].Custom, want) {
		t.Errorf("%+v, %+v", rows, report)
	}
}
