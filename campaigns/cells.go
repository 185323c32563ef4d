package campaigns

import "encoding/json"

// EncodeCells writes a member's names and values as one JSON object, by the names that texts use. Empty ones are left
// out; or are null with nulls, for those that the maps and flags name.
func EncodeCells(m Member, first, last, nulls bool) string {
	cells := make(map[string]*string, len(m.Values)+2)
	put := func(name, value string, named bool) {
		if value != "" {
			cells[name] = &value
		} else if nulls && named {
			cells[name] = nil
		}
	}
	for name, value := range m.Values {
		put(name, value, true)
	}
	put(firstNameKey, m.FirstName, first)
	put(lastNameKey, m.LastName, last)
	b, err := json.Marshal(cells)
	if err != nil {
		panic(err) // texts can always be encoded
	}
	return string(b)
}

// DecodeCells reads what EncodeCells wrote into names and values; empty is nothing.
func DecodeCells(cells string, m *Member) error {
	m.Values = map[string]string{}
	if cells == "" || cells == "{}" {
		return nil
	}
	if err := json.Unmarshal([]byte(cells), &m.Values); err != nil {
		return err
	}
	m.FirstName, m.LastName = m.Values[firstNameKey], m.Values[lastNameKey]
	delete(m.Values, firstNameKey)
	delete(m.Values, lastNameKey)
	for name, value := range m.Values {
		if value == "" {
			delete(m.Values, name)
		}
	}
	return nil
}
