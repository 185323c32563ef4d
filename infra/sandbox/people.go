package sandbox

import (
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// People are computed from their index, never stored: a tenant of a million costs nothing until somebody acts. Every
// identifier (object id, UPN, mail, proxy address, 29: id) can be turned back into the index it was made of.

// Identities of the sandbox that tests and configuration may rely on.
const (
	AppID     = "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa"
	AppSecret = "sandbox-secret"

	TenantContoso  = "11111111-1111-4111-8111-111111111111"
	TenantFabrikam = "22222222-2222-4222-8222-222222222222"
	TenantStranger = "33333333-3333-4333-8333-333333333333" // exists, but is on nobody's allow-list
)

// MaxUsers is the largest tenant that the identifiers have room for.
const MaxUsers = 10_000_000

const combinations = len(givenNames) * len(surnames)

// personKey is tenant and index in one word.
type personKey uint64

func keyOf(t *tenant, index int) personKey      { return personKey(t.number)<<32 | personKey(uint32(index)) }
func (k personKey) tenant() uint32              { return uint32(k >> 32) }
func (k personKey) index() int                  { return int(uint32(k)) }
func (k personKey) scramble(salt uint64) uint64 { return splitmix(uint64(k) ^ salt) }

func splitmix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// tenant is one Entra tenant.
type tenant struct {
	number    uint32
	id        string
	name      string
	domain    string
	allowed   bool // told to Herald as an allowed tenant
	count     atomic.Int64
	installed atomic.Int64

	mu      sync.RWMutex
	removed map[int]bool
	changes []change // what /users/delta reports, oldest first
}

type change struct {
	index   int
	removed bool
}

func (t *tenant) isRemoved(index int) bool {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.removed[index]
}

// size is the number of people who exist now.
func (t *tenant) size() int {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return int(t.count.Load()) - len(t.removed)
}

func (t *tenant) exists(index int) bool {
	return index >= 0 && index < int(t.count.Load()) && !t.isRemoved(index)
}

// Person is somebody in a tenant, as Entra knows them.
type Person struct {
	ID             string // Entra object id
	TenantID       string
	Index          int
	UPN            string
	Mail           string
	ProxyAddresses []string
	DisplayName    string
	GivenName      string
	Surname        string
	Locale         string
	Roles          []string // app roles, as in the tab's token
	JobTitle       string
	Department     string
	City           string
	Country        string
	TimeZone       string // where they live; what their client and mailbox say: [Status]

	key personKey
}

// ChannelID is the person's id in Teams, 29:….
func (p Person) ChannelID() string { return channelID(p.key) }

type folded struct{ local, full string }

var (
	foldOnce  sync.Once
	foldGiven [len(givenNames)]string
	foldLast  [len(surnames)]string
	byLocal   map[string]int // "first.last" -> combination
	foldCombo []folded       // combination -> folded forms, for search
)

func loadNames() {
	foldOnce.Do(func() {
		for i, n := range givenNames {
			foldGiven[i] = strings.ReplaceAll(fold(n), " ", "")
		}
		for i, n := range surnames {
			foldLast[i] = strings.ReplaceAll(fold(n), " ", "")
		}
		byLocal = make(map[string]int, combinations)
		foldCombo = make([]folded, combinations)
		for c := range combinations {
			g, s := nameOf(c)
			local := foldGiven[g] + "." + foldLast[s]
			byLocal[local] = c
			foldCombo[c] = folded{local: local, full: fold(givenNames[g]) + " " + fold(surnames[s])}
		}
	})
}

// nameOf spreads neighbours over the surnames; it is a bijection on 0..combinations-1.
func nameOf(combination int) (given, surname int) {
	given = combination % len(givenNames)
	surname = (combination/len(givenNames) + given*37) % len(surnames)
	return given, surname
}

var letters = strings.NewReplacer("ø", "o", "ß", "ss", "æ", "ae", "œ", "oe", "ł", "l", "đ", "d", "ı", "i", "þ", "th", "ð", "d")

// fold lowers and strips marks, so that "Zoë" is found by "zoe".
func fold(s string) string {
	var b strings.Builder
	for _, r := range norm.NFD.String(strings.ToLower(s)) {
		if !unicode.Is(unicode.Mn, r) {
			b.WriteRune(r)
		}
	}
	return letters.Replace(b.String())
}

var (
	jobs        = []string{"Engineer", "Nurse", "Sales Manager", "Accountant", "Designer", "Technician", "Analyst", "Driver", "Team Lead", "Support Agent", "Buyer"}
	departments = []string{"Engineering", "Care", "Sales", "Finance", "Marketing", "Operations", "Legal", "People", "Logistics"}
	// One tenth of the people each.
	places = []struct{ city, country, zone string }{
		{"Paris", "FR", "Europe/Paris"}, {"Paris", "FR", "Europe/Paris"}, {"Paris", "FR", "Europe/Paris"}, {"Lyon", "FR", "Europe/Paris"},
		{"Saint-Étienne", "FR", "Europe/Paris"}, {"Lille", "FR", "Europe/Paris"}, {"London", "GB", "Europe/London"}, {"Leeds", "GB", "Europe/London"},
		{"New York", "US", "America/New_York"}, {"Bengaluru", "IN", "Asia/Kolkata"},
	}
)

func localPart(index int) string {
	loadNames()
	local := foldCombo[index%combinations].local
	if round := index / combinations; round > 0 {
		local += strconv.Itoa(round + 1)
	}
	return local
}

func hasOtherMail(index int) bool { return index > 0 && index%7 == 5 }
func hasAlias(index int) bool     { return index > 0 && index%11 == 0 }

func (t *tenant) upn(index int) string { return localPart(index) + "@" + t.domain }

func (t *tenant) mail(index int) string {
	if hasOtherMail(index) {
		return localPart(index) + "@mail." + t.domain
	}
	return t.upn(index)
}

func (t *tenant) alias(index int) string { return fmt.Sprintf("p%07d@%s", index, t.domain) }

// person computes somebody. The caller has checked that the index exists.
func (t *tenant) person(index int) Person {
	key := keyOf(t, index)
	g, s := nameOf(index % combinations)
	h := key.scramble(0x70656f706c65)
	place := places[h%uint64(len(places))]
	p := Person{
		ID: objectID(key), TenantID: t.id, Index: index,
		UPN: t.upn(index), Mail: t.mail(index),
		GivenName: givenNames[g], Surname: surnames[s], DisplayName: givenNames[g] + " " + surnames[s],
		Locale: "en-US", Roles: t.roles(index),
		JobTitle: jobs[h>>8%uint64(len(jobs))], Department: departments[h>>16%uint64(len(departments))],
		City: place.city, Country: place.country, TimeZone: place.zone,
		key: key,
	}
	if index%3 == 1 {
		p.Locale = "fr-FR"
	}
	p.ProxyAddresses = []string{"SMTP:" + p.Mail}
	if p.Mail != p.UPN {
		p.ProxyAddresses = append(p.ProxyAddresses, "smtp:"+p.UPN)
	}
	if hasAlias(index) {
		p.ProxyAddresses = append(p.ProxyAddresses, "smtp:"+t.alias(index))
	}
	return p
}

func (t *tenant) roles(index int) []string {
	switch {
	case t.id == TenantContoso && index < 4:
		return []string{[]string{"Author", "Publisher", "Analyst", "Admin"}[index]}
	case t.id == TenantFabrikam && index == 0:
		return []string{"Author"}
	}
	return nil
}

// objectID makes a version 4 UUID that looks random and ends in tenant and index.
func objectID(k personKey) string {
	h := k.scramble(0x6f626a656374)
	return fmt.Sprintf("%08x-%04x-4%03x-%x%03x-%04x%08x",
		uint32(h>>32), uint16(h>>16), h>>4&0xfff, 8+h&3, h>>20&0xfff, k.tenant(), uint32(k))
}

func parseObjectID(id string) (personKey, bool) {
	if len(id) != 36 {
		return 0, false
	}
	n, err := strconv.ParseUint(id[24:], 16, 64)
	if err != nil {
		return 0, false
	}
	k := personKey(n)
	return k, strings.EqualFold(objectID(k), id)
}

// byUPN finds the index behind a user principal name, by arithmetic.
func (t *tenant) byUPN(upn string) (int, bool) {
	local, ok := cutDomain(upn, t.domain)
	if !ok {
		return 0, false
	}
	return t.byLocalPart(local)
}

// byMail finds the index behind the primary mail address.
func (t *tenant) byMail(mail string) (int, bool) {
	local, domain, _ := strings.Cut(strings.ToLower(mail), "@")
	if domain != t.domain && domain != "mail."+t.domain {
		return 0, false
	}
	i, ok := t.byLocalPart(local)
	return i, ok && strings.EqualFold(t.mail(i), mail)
}

// byAlias finds the index behind p0000011@….
func (t *tenant) byAlias(address string) (int, bool) {
	local, ok := cutDomain(address, t.domain)
	if !ok || len(local) != 8 || local[0] != 'p' {
		return 0, false
	}
	i, err := strconv.Atoi(local[1:])
	return i, err == nil && i >= 0 && hasAlias(i) && t.exists(i)
}

func (t *tenant) byLocalPart(local string) (int, bool) {
	loadNames()
	name := strings.TrimRight(local, "0123456789")
	round := 1
	if digits := local[len(name):]; digits != "" {
		n, err := strconv.Atoi(digits)
		if err != nil || n < 2 || n > MaxUsers/combinations+2 || digits[0] == '0' {
			return 0, false
		}
		round = n
	}
	c, ok := byLocal[name]
	i := (round-1)*combinations + c
	return i, ok && t.exists(i)
}

func cutDomain(address, domain string) (string, bool) {
	local, d, ok := strings.Cut(strings.ToLower(address), "@")
	return local, ok && d == domain
}
