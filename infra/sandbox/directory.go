package sandbox

import (
	"bytes"
	"strconv"
	"strings"
)

// directory holds the three tenants and finds people in them.
type directory struct {
	tenants []*tenant
}

func newDirectory(users int) *directory {
	d := &directory{tenants: []*tenant{
		{number: 1, id: TenantContoso, name: "Contoso", domain: "contoso.example", allowed: true},
		{number: 2, id: TenantFabrikam, name: "Fabrikam", domain: "fabrikam.example", allowed: true},
		{number: 3, id: TenantStranger, name: "Stranger", domain: "stranger.example"},
	}}
	for i, n := range []int{users, 5, 1} {
		d.tenants[i].count.Store(int64(n))
		d.tenants[i].removed = map[int]bool{}
	}
	loadNames()
	return d
}

// tenant finds a tenant by id, domain or name.
func (d *directory) tenant(ref string) *tenant {
	for _, t := range d.tenants {
		if strings.EqualFold(t.id, ref) || strings.EqualFold(t.domain, ref) || strings.EqualFold(t.name, ref) {
			return t
		}
	}
	return nil
}

func (d *directory) tenantOf(k personKey) *tenant {
	if n := k.tenant(); n >= 1 && int(n) <= len(d.tenants) {
		return d.tenants[n-1]
	}
	return nil
}

// lookup answers who has the key, if they (still) exist.
func (d *directory) lookup(k personKey) (Person, bool) {
	t := d.tenantOf(k)
	if t == nil || !t.exists(k.index()) {
		return Person{}, false
	}
	return t.person(k.index()), true
}

// find resolves an object id, UPN, mail, proxy address or 29: id.
func (d *directory) find(ref string) (Person, bool) {
	if k, ok := parseObjectID(ref); ok {
		return d.lookup(k)
	}
	if k, ok := parseChannelID(ref); ok {
		return d.lookup(k)
	}
	for _, t := range d.tenants {
		if i, ok := t.byAddress(ref); ok {
			return t.person(i), true
		}
	}
	return Person{}, false
}

func (t *tenant) byAddress(address string) (int, bool) {
	if i, ok := t.byUPN(address); ok {
		return i, true
	}
	if i, ok := t.byMail(address); ok {
		return i, true
	}
	return t.byAlias(address)
}

// matcher says quickly whether a person matches a search text. Names repeat every 8 192 people, so a text without digits and
// without "@" is decided once per combination of names; only other texts look at each address.
func (t *tenant) matcher(q string) func(index int) bool {
	q = fold(strings.Join(strings.Fields(q), " "))
	if q == "" {
		return func(int) bool { return true }
	}
	if k, ok := parseObjectID(q); ok {
		return func(i int) bool { return keyOf(t, i) == k }
	}
	if i, ok := t.byAddress(q); ok {
		return func(j int) bool { return i == j }
	}
	if !strings.ContainsAny(q, "@0123456789") {
		inDomain, inMailDomain := strings.Contains(t.domain, q), strings.Contains("mail."+t.domain, q)
		hits := make([]bool, combinations)
		for c, f := range foldCombo {
			hits[c] = strings.Contains(f.full, q) || strings.Contains(f.local, q)
		}
		return func(i int) bool { return hits[i%combinations] || inDomain || inMailDomain && hasOtherMail(i) }
	}
	var buf []byte // reused, so that a million people cost no allocation
	text := []byte(q)
	return func(i int) bool {
		buf = t.appendAddresses(buf[:0], i)
		return bytes.Contains(buf, text)
	}
}

func (t *tenant) appendAddresses(buf []byte, index int) []byte {
	local := func() {
		buf = append(buf, foldCombo[index%combinations].local...)
		if round := index / combinations; round > 0 {
			buf = strconv.AppendInt(buf, int64(round+1), 10)
		}
	}
	local()
	buf = append(append(buf, '@'), t.domain...)
	if hasOtherMail(index) {
		buf = append(buf, ' ')
		local()
		buf = append(append(buf, "@mail."...), t.domain...)
	}
	return buf
}

// page answers up to limit indexes from cursor on that match, where the next page starts (-1: nowhere) and how many match
// in all. keep may be nil. It walks indexes, not people.
func (t *tenant) page(q string, cursor, limit int, keep func(index int) bool) (items []int, next, total int) {
	next = -1
	n := int(t.count.Load())
	match := t.matcher(q)
	everybody := strings.TrimSpace(q) == "" && keep == nil
	if everybody {
		total = t.size()
	}
	start := 0
	if everybody {
		start = cursor // nothing before the cursor needs to be counted
	}
	for i := start; i < n; i++ {
		if !match(i) || keep != nil && !keep(i) || t.isRemoved(i) {
			continue
		}
		if !everybody {
			total++
		}
		if i < cursor {
			continue
		}
		if len(items) < limit {
			items = append(items, i)
			continue
		}
		if next < 0 {
			next = i
		}
		if everybody {
			break
		}
	}
	return items, next, total
}

// remove takes somebody out of the tenant; add brings a new person in. Both appear in /users/delta.
func (t *tenant) remove(index int) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if index < 0 || index >= int(t.count.Load()) || t.removed[index] {
		return false
	}
	t.removed[index] = true
	t.changes = append(t.changes, change{index: index, removed: true})
	return true
}

func (t *tenant) add() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	i := int(t.count.Add(1)) - 1
	t.changes = append(t.changes, change{index: i})
	return i
}
