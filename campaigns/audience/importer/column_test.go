package importer_test

import (
	"fmt"
	"strings"
	"testing"

	"herald/campaigns/audience/importer"
)

// roles writes the suggestions as "address firstName custom:number …".
func roles(f *importer.File) string {
	var out []string
	for _, c := range f.Columns() {
		s := string(c.Role)
		if c.Role == importer.Custom && c.Type != importer.Text {
			s += ":" + string(c.Type)
		}
		out = append(out, s)
	}
	return strings.Join(out, " ")
}

func TestSuggestions(t *testing.T) {
	t.Parallel()
	const a, b = "a@contoso.example", "b@contoso.example"
	for name, c := range map[string]struct {
		header, row string
		want        string
	}{
		"English":                      {"First name;Last name;Address", "Ann;Lee;" + a, "firstName lastName address"},
		"French":                       {"Prénom;Nom;Adresse e-mail", "Ann;Lee;" + a, "firstName lastName address"},
		"Spanish":                      {"Nombre;Apellidos;Correo electrónico", "Ann;Lee;" + a, "firstName lastName address"},
		"Entra's export":               {"userPrincipalName;displayName;givenName;surname", a + ";Ann Lee;Ann;Lee", "address displayName firstName lastName"},
		"underscores":                  {"E_MAIL;FIRST_NAME;LAST_NAME", a + ";Ann;Lee", "address firstName lastName"},
		"name alone":                   {"MAIL;NAME", a + ";Ann Lee", "address displayName"},
		"seed":                         {"CONTACT;NOMBRE;MONTO;FECHA", a + ";Carlos;1200;2016-12-25", "address firstName custom:number custom:date"},
		"by content":                   {"WHO;CITY", a + ";Lyon", "address custom"},
		"word without content":         {"EMAIL;CITY", "nobody;Lyon", "address custom"},
		"street beside login":          {"ADDRESS;LOGIN", "1 High Street;" + a, "custom address"},
		"contact's name beside mail":   {"CONTACT;E-MAIL", "Ann Lee;" + a, "custom address"},
		"the manager's is not theirs":  {"MANAGER_EMAIL;EMAIL", b + ";" + a, "custom address"},
		"twice the same role":          {"EMAIL;Prénom;First name", a + ";Ann;Ann", "address custom firstName"},
		"numbers that are codes":       {"EMAIL;ZIP;PHONE;CARD;AMOUNT", a + ";01234;+33123456789;1234567890123456;1,5", "address custom custom custom custom:number"},
		"date by its name":             {"EMAIL;HIRE_DATE;DATE;UPDATE", a + ";soon;31/03/2026;v2", "address custom:date custom:date custom"},
		"date by content":              {"EMAIL;HIRED", a + ";2026-03-31", "address custom:date"},
		"what looks like a date is no": {"EMAIL;HIRED", a + ";2026-13-45", "address custom"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := roles(mustOpen(t, []byte(c.header+"\n"+c.row+"\n"))); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

// TestFewWrongCellsDoNotChangeTheType: they are to be named, not to be accepted.
func TestFewWrongCellsDoNotChangeTheType(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("EMAIL;AMOUNT;HIRED\n")
	for i := range 19 {
		fmt.Fprintf(&b, "p%d@contoso.example;%d;2026-03-%02d\n", i, i, i+1)
	}
	b.WriteString("q@contoso.example;many;2026-13-45\n")
	f := mustOpen(t, []byte(b.String()))
	if got := roles(f); got != "address custom:number custom:date" {
		t.Fatalf("got %s", got)
	}
	if _, report := readAll(t, f); report.Good != 19 || report.ProblemCount != 2 {
		t.Errorf("%+v", report)
	}
}

func TestVariables(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("Very long ", 10)
	for header, c := range map[string]struct {
		want string
		note string // in the note; empty: there is none
	}{
		"MONTO":                   {"MONTO", ""},
		"Employee number":         {"EMPLOYEE_NUMBER", ""},
		"employee-number":         {"EMPLOYEE_NUMBER", ""},
		"Ville":                   {"VILLE", ""},
		"Département":             {"DÉPARTEMENT", ""},
		"De\u0301partement":       {"DÉPARTEMENT", ""},
		"Ort":                     {"ORT", ""},
		"город":                   {"ГОРОД", ""},
		"\"Line\nbreak\"":         {"LINE_BREAK", ""},
		"First-Name of boss":      {"FIRST_NAME_OF_BOSS", ""},
		"Montant (€)":             {"MONTANT", "[MONTANT]"},
		"A|B":                     {"A_B", "[A_B]"},
		"[X]":                     {"X", "[X]"},
		"2026 budget":             {"COLUMN_2026_BUDGET", "[COLUMN_2026_BUDGET]"},
		"€":                       {"COLUMN_B", "[COLUMN_B]"},
		"😀":                       {"COLUMN_B", "[COLUMN_B]"},
		"=1+1":                    {"COLUMN_1_1", "starts with a letter"},
		"<script>x</script>":      {"SCRIPT_X_SCRIPT", "[SCRIPT_X_SCRIPT]"},
		"a\u202eb\x07c":           {"ABC", ""},
		long:                      {strings.TrimSuffix(strings.Repeat("VERY_LONG_", 7)[:64], "_"), "64 characters"},
		strings.Repeat("x", 5000): {"", ""}, // see below
	} {
		f := mustOpen(t, []byte("EMAIL;"+header+"\na@contoso.example;x\n"))
		col := f.Columns()[1]
		if len(header) == 5000 {
			if col.Variable != strings.Repeat("X", 64) || len(col.Header) > 210 || col.Note == nil {
				t.Errorf("long header: %+v", col)
			}
			continue
		}
		if col.Variable != c.want {
			t.Errorf("%q is [%s], want [%s]", header, col.Variable, c.want)
		}
		switch {
		case c.note == "" && col.Note != nil:
			t.Errorf("%q is noted: %s", header, col.Note.Message)
		case c.note != "" && (col.Note == nil || !strings.Contains(col.Note.Message, c.note) || col.Note.Code != importer.CodeVariableChanged || col.Note.Value != c.want):
			t.Errorf("%q: note %+v", header, col.Note)
		}
	}
}

func TestVariablesAreDistinct(t *testing.T) {
	t.Parallel()
	f := mustOpen(t, []byte("EMAIL;Montant (€);Montant ($);Montant;FIRST NAME;FIRSTNAME\na@contoso.example;1;2;3;Ann;Bea\n"))
	var got []string
	for _, c := range f.Columns() {
		got = append(got, c.Variable)
	}
	if s := strings.Join(got, " "); s != "EMAIL MONTANT MONTANT_2 MONTANT_3 FIRSTNAME FIRSTNAME_2" {
		t.Errorf("got %s", s)
	}
	rows, _ := readAll(t, f)
	if r := rows[0]; r.FirstName != "Ann" || r.Custom["FIRSTNAME_2"] != "Bea" || r.Custom["MONTANT_2"] != "2" || len(r.Custom) != 4 {
		t.Errorf("%+v", r)
	}
}

// TestEmptyColumns: those without name and values are not there, and what stands in
// them further down is named.
func TestEmptyColumns(t *testing.T) {
	t.Parallel()
	f := mustOpen(t, []byte(";EMAIL;;CITY;;\n;a@contoso.example;;Lyon;;\n;b@contoso.example;;Nice\n"+strings.Repeat(";;;\n", 5)+";c@contoso.example;;Brest;;\n"))
	rows, report := readAll(t, f)
	if roles(f) != "address custom" || report.Good != 3 || rows[1].Custom["CITY"] != "Nice" || rows[2].Line != 9 {
		t.Errorf("%s, %+v, %+v", roles(f), rows, report)
	}
	preview, err := f.Preview(10)
	if err != nil || len(preview) != 3 || len(preview[2]) != 2 || preview[2][1] != "Brest" {
		t.Errorf("preview %q, %v", preview, err)
	}
}

func TestMappings(t *testing.T) {
	t.Parallel()
	f := mustOpen(t, []byte("EMAIL;NOMBRE;FIRSTNAME;X\na@contoso.example;Ann;Bea;1\n"))
	addr, first, custom, ignored := importer.Target{Role: importer.Address}, importer.Target{Role: importer.FirstName}, importer.Target{Role: importer.Custom}, importer.Target{Role: importer.Ignored}
	for name, c := range map[string]struct {
		m    importer.Mapping
		says string // empty: it fits
	}{
		"suggested":          {f.Suggested(), ""},
		"fits":               {importer.Mapping{addr, custom, first, custom}, ""},
		"no type is text":    {importer.Mapping{addr, ignored, ignored, custom}, ""},
		"too short":          {importer.Mapping{addr}, "4 columns"},
		"no address":         {importer.Mapping{custom, custom, custom, custom}, "which column holds the addresses"},
		"two addresses":      {importer.Mapping{addr, addr, custom, custom}, "Both"},
		"unknown role":       {importer.Mapping{addr, {Role: "boss"}, custom, custom}, `"boss"`},
		"unknown type":       {importer.Mapping{addr, custom, custom, {Role: importer.Custom, Type: "colour"}}, `"colour"`},
		"FIRSTNAME is taken": {importer.Mapping{addr, first, custom, custom}, "[FIRSTNAME] would be both"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := f.Check(t.Context(), c.m)
			_, verr := f.Variables(c.m)
			if fmt.Sprint(err) != fmt.Sprint(verr) {
				t.Errorf("Check: %v; Variables: %v", err, verr)
			}
			switch code := codeOf(t, err); {
			case c.says == "" && err != nil:
				t.Error(err)
			case c.says != "" && (code != importer.CodeInvalidMapping || !strings.Contains(err.Error(), c.says)):
				t.Errorf("got %v, want %q", err, c.says)
			}
		})
	}
}
