package message

import "strings"

// Person is a recipient, as far as a message can speak of them.
type Person struct {
	FirstName   string
	LastName    string
	DisplayName string // used for what FirstName and LastName do not say
	Email       string
	Locale      string            // BCP 47, "fr-FR"; empty: English
	Columns     map[string]string // the list's columns; names in any case
	Slots       map[string]string // what stands in a card's slots, by their names; see Slot
}

// firstName and lastName fall back to the display name: in many directories
// only that one is filled. Its first word is the first name, the rest the last.
func (p *Person) firstName() string {
	if v := clean(p.FirstName); v != "" {
		return v
	}
	if v := p.column("FIRSTNAME"); v != "" {
		return v
	}
	first, _, _ := strings.Cut(clean(p.DisplayName), " ")
	return first
}

func (p *Person) lastName() string {
	if v := clean(p.LastName); v != "" {
		return v
	}
	if v := p.column("LASTNAME"); v != "" {
		return v
	}
	_, rest, _ := strings.Cut(clean(p.DisplayName), " ")
	return strings.TrimSpace(rest)
}

// column finds a column whatever the case its name was written in. name is
// canonical (see canonicalName).
func (p *Person) column(name string) string {
	if v, ok := p.Columns[name]; ok { // the importer's spelling, mostly
		return clean(v)
	}
	for k, v := range p.Columns {
		if canonicalName(k) == name {
			return clean(v)
		}
	}
	return ""
}

// value is the person's value for a variable; empty: there is none.
func (p *Person) value(name string) string {
	switch name {
	case "FIRSTNAME":
		return p.firstName()
	case "LASTNAME":
		return p.lastName()
	}
	if slot, ok := slotName(name); ok {
		return p.Slots[slot]
	}
	return p.column(name)
}
