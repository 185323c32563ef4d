package importer

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Role is what a column is for.
type Role string

// The roles. Each of the first four belongs to one column at most.
const (
	Address     Role = "address" // whom Teams knows by this; exactly one column has it
	FirstName   Role = "firstName"
	LastName    Role = "lastName"
	DisplayName Role = "displayName"
	Custom      Role = "custom" // data for personalisation
	Ignored     Role = "ignored"
)

// Type is what the values of a custom column are.
type Type string

// The types.
const (
	Text   Type = "text"
	Number Type = "number" // 1200, -3.5 or 1200,50
	Date   Type = "date"   // YYYY-MM-DD
)

// words are the headers that people write, in English, French and Spanish, as key
// makes them. NOMBRE is a first name: beside APELLIDO it is one, and the
// sample of the seed greets people by it. NOM is a last name, as beside PRÉNOM.
// NAME alone is the whole name.
var words = map[Role][]string{
	Address: {
		"EMAIL", "MAIL", "EMAILADDRESS", "MAILADDRESS", "ADDRESSEMAIL", "WORKEMAIL", "BUSINESSEMAIL", "UPN", "USERPRINCIPALNAME",
		"COURRIEL", "MEL", "ADRESSEMAIL", "ADRESSEEMAIL", "ADRESSEELECTRONIQUE", "ADRESSECOURRIEL", "EMAILPROFESSIONNEL", "MAILPROFESSIONNEL",
		"CORREO", "CORREOELECTRONICO", "DIRECCIONDECORREO", "DIRECCIONDECORREOELECTRONICO", "DIRECCIONDEEMAIL",
	},
	FirstName: {
		"FIRSTNAME", "FIRST", "GIVENNAME", "FORENAME",
		"PRENOM", "PRENOMS",
		"NOMBRE", "NOMBRES", "NOMBREDEPILA", "PRIMERNOMBRE",
	},
	LastName: {
		"LASTNAME", "LAST", "SURNAME", "FAMILYNAME",
		"NOM", "NOMDEFAMILLE",
		"APELLIDO", "APELLIDOS", "PRIMERAPELLIDO",
	},
	DisplayName: {
		"DISPLAYNAME", "FULLNAME", "NAME",
		"NOMCOMPLET", "NOMAFFICHE", "NOMETPRENOM", "PRENOMETNOM", "NOMPRENOM", "PRENOMNOM",
		"NOMBRECOMPLETO", "NOMBREYAPELLIDO", "NOMBREYAPELLIDOS", "NOMBREPARAMOSTRAR",
	},
}

// weakWords may mean the address in Teams, or a street, a person, an account.
var weakWords = []string{
	"CONTACT", "ADDRESS", "USER", "USERNAME", "LOGIN", "RECIPIENT", "ACCOUNT",
	"ADRESSE", "UTILISATEUR", "DESTINATAIRE", "IDENTIFIANT", "COMPTE",
	"CONTACTO", "DIRECCION", "USUARIO", "DESTINATARIO", "CUENTA",
}

// dateWords make a column a date wherever they stand in its header.
var dateWords = []string{"DATE", "DATES", "FECHA", "FECHAS", "BIRTHDAY", "BIRTHDATE", "DEADLINE"}

// key is a header without case, accents and everything between letters and digits.
func key(header string) string { return strings.Join(tokens(header), "") }

func tokens(header string) []string {
	s := strings.Map(func(r rune) rune {
		if unicode.IsMark(r) {
			return -1
		}
		return unicode.ToUpper(r)
	}, norm.NFKD.String(header))
	return strings.FieldsFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

func has(words []string, w string) bool {
	for _, x := range words {
		if x == w {
			return true
		}
	}
	return false
}

// evidence is what the sample says about a column.
type evidence struct {
	filled, addresses, numbers, dates, exactDates int
}

func (e *evidence) add(value string) {
	if value == "" {
		return
	}
	e.filled++
	switch {
	case isAddress(value):
		e.addresses++
	case looksLikeDate(value):
		e.dates++
		if isDate(value) {
			e.exactDates++
		}
	case isQuantity(value):
		e.numbers++
	}
}

// isQuantity: a number that is not rather a code: 0042, +33…, card numbers.
func isQuantity(s string) bool {
	digits := strings.TrimPrefix(s, "-")
	return isNumber(s) && s[0] != '+' && len(digits) <= 15 &&
		(digits[0] != '0' || len(digits) == 1 || digits[1] == '.' || digits[1] == ',')
}

// most: at least nine of ten; a few wrong cells are to be named, not to change what
// the column is.
func (e *evidence) most(n int) bool { return n > 0 && n*10 >= e.filled*9 }

// typeOf suggests the type of a column.
func typeOf(header string, e evidence) Type {
	for _, t := range tokens(header) {
		if has(dateWords, t) {
			return Date
		}
	}
	switch {
	case e.exactDates > 0 && e.most(e.dates):
		return Date
	case e.most(e.numbers):
		return Number
	}
	return Text
}

// addressScore says how likely a column holds the addresses; 0: not at all. What
// the cells are says more than what the column is called, so that the
// ADDRESS with streets loses against the LOGIN with addresses.
func addressScore(header string, e evidence) int {
	score := 0
	switch k := key(header); {
	case has(words[Address], k):
		score = 2
	case has(weakWords, k):
		score = 1
	}
	if e.addresses*2 > e.filled {
		score += 4
	}
	return score
}

// suggestRoles gives every column its role and type.
func suggestRoles(columns []Column, seen []evidence) (found bool) {
	address, best := -1, 0
	for i := range columns {
		if score := addressScore(columns[i].Header, seen[i]); score > best {
			address, best = i, score
		}
	}
	for i := range columns {
		c := &columns[i]
		c.Role, c.Type = Custom, typeOf(c.Header, seen[i])
		if i == address {
			c.Role, c.Type = Address, Text
		}
	}
	for _, r := range []Role{FirstName, LastName, DisplayName} {
		if c := candidate(columns, r); c != nil {
			c.Role, c.Type = r, Text
		}
	}
	return address >= 0
}

// candidate is the first column that is called like a role; before all others the
// one that texts know by the role's variable, which no other column could have.
func candidate(columns []Column, r Role) *Column {
	var found *Column
	for i := range columns {
		switch c, k := &columns[i], key(columns[i].Header); {
		case c.Role != Custom:
		case k == r.variable():
			return c
		case found == nil && has(words[r], k):
			found = c
		}
	}
	return found
}
