package importer

// Mapping says what each column is for: one Target per column of File.Columns, in
// that order.
type Mapping []Target

// Target is what becomes of a column.
type Target struct {
	Role Role `json:"role"`
	Type Type `json:"type,omitempty"` // of a custom column; empty: text
}

// Suggested is the mapping that Open found.
func (f *File) Suggested() Mapping {
	m := make(Mapping, len(f.columns))
	for i, c := range f.columns {
		m[i] = Target{c.Role, c.Type}
	}
	return m
}

// Variable is a column of the list that an import makes: a key of Row.Custom.
type Variable struct {
	Name   string `json:"name"`   // as in [MONTO]
	Header string `json:"header"` // as the file writes it
	Type   Type   `json:"type"`
}

// Variables gives the columns that Row.Custom has under a mapping, or an *Error
// that says why the mapping does not fit.
//
// A column that holds names is among them under its own name, so that a text may
// say [NOMBRE] as well as [FIRSTNAME]; not so where the two are the same.
func (f *File) Variables(m Mapping) ([]Variable, error) {
	p, err := f.plan(m)
	if err != nil {
		return nil, err
	}
	var out []Variable
	for _, c := range p {
		if c.variable != "" {
			out = append(out, Variable{Name: c.variable, Header: c.header, Type: c.typ})
		}
	}
	return out, nil
}

// planned is a column with what is to be done with it.
type planned struct {
	header   string
	at       int // among the cells
	role     Role
	typ      Type
	variable string // key in Row.Custom; empty: it is not there
}

// plan checks a mapping.
func (f *File) plan(m Mapping) ([]planned, error) {
	if len(m) != len(f.columns) {
		return nil, errorf(CodeInvalidMapping, "The file has %d columns, the mapping has %d. Open the file again.", len(f.columns), len(m))
	}
	holder := make(map[Role]string)
	plan := make([]planned, 0, len(m))
	for i, t := range m {
		c := planned{header: f.columns[i].Header, at: f.at[i], role: t.Role, typ: Text}
		switch t.Role {
		case Address, FirstName, LastName, DisplayName:
			if other, ok := holder[t.Role]; ok {
				return nil, errorf(CodeInvalidMapping, "Both %s and %s are to be the %s. Choose one of them.", quote(other), quote(c.header), t.Role.words())
			}
			holder[t.Role] = c.header
			if t.Role != Address && f.columns[i].Variable != t.Role.variable() {
				c.variable = f.columns[i].Variable
			}
		case Custom:
			c.variable = f.columns[i].Variable
			switch t.Type {
			case Text, Number, Date:
				c.typ = t.Type
			case "":
			default:
				return nil, errorf(CodeInvalidMapping, "The type of the column %s must be text, number or date, not %s.", quote(c.header), quote(string(t.Type)))
			}
		case Ignored:
		default:
			return nil, errorf(CodeInvalidMapping, "The column %s has the unknown role %s.", quote(c.header), quote(string(t.Role)))
		}
		plan = append(plan, c)
	}
	if _, ok := holder[Address]; !ok {
		return nil, errorf(CodeInvalidMapping, "Say which column holds the addresses.")
	}
	for _, c := range plan {
		for _, r := range []Role{FirstName, LastName} {
			if other, ok := holder[r]; ok && c.variable == r.variable() {
				return nil, errorf(CodeInvalidMapping, "[%s] would be both the column %s and the %s from %s. Ignore one of them, or rename it in the file.", c.variable, quote(c.header), r.words(), quote(other))
			}
		}
	}
	return plan, nil
}

func (r Role) words() string {
	switch r {
	case FirstName:
		return "first name"
	case LastName:
		return "last name"
	case DisplayName:
		return "display name"
	}
	return string(r)
}

// variable is the name under which texts know a role; empty: there is none.
func (r Role) variable() string {
	switch r {
	case FirstName:
		return "FIRSTNAME"
	case LastName:
		return "LASTNAME"
	}
	return ""
}
