package campaigns

import (
	"fmt"
	"net/mail"
	"slices"
	"strings"

	"herald/campaigns/message"
)

// MaxAddresses is how many addresses an author may type or paste into one campaign.
const MaxAddresses = 20_000

// Audience says who should get a campaign: everybody, or addresses and lists; less the members of other lists. Or those
// whom a campaign of the format survey reached and who have not answered it when this one starts.
type Audience struct {
	All            bool     `json:"all,omitempty"`
	ListIDs        []string `json:"listIds,omitempty"`
	Emails         []string `json:"emails,omitempty"`
	ExcludeListIDs []string `json:"excludeListIds,omitempty"`
	Unanswered     string   `json:"unanswered,omitempty"` // id of that campaign; alone
}

// Empty says whether the audience names nobody at all.
func (a Audience) Empty() bool {
	return !a.All && len(a.ListIDs) == 0 && len(a.Emails) == 0 && a.Unanswered == ""
}

// normalise trims the addresses and removes repeated ones, keeping the first of each.
func (a Audience) normalise() Audience {
	if a.Unanswered != "" {
		return Audience{Unanswered: a.Unanswered}
	}
	seen := make(map[string]bool, len(a.Emails))
	var emails []string
	for _, e := range a.Emails {
		e = strings.TrimSpace(e)
		key := strings.ToLower(e)
		if e == "" || seen[key] {
			continue
		}
		seen[key] = true
		emails = append(emails, e)
	}
	a.Emails = emails
	if a.All {
		a.Emails, a.ListIDs = nil, nil
	}
	a.ListIDs, a.ExcludeListIDs = once(a.ListIDs), once(a.ExcludeListIDs)
	return a
}

// once keeps the first of each.
func once(ids []string) (out []string) {
	for _, id := range ids {
		if !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	return out
}

// lists are the ids of all lists that the audience names, as far as it may.
func (a Audience) lists() []string {
	return once(slices.Concat(a.ListIDs[:min(len(a.ListIDs), MaxAudienceLists)], a.ExcludeListIDs[:min(len(a.ExcludeListIDs), MaxAudienceLists)]))
}

// withoutUnknown leaves out the lists that do not exist, and a campaign that is gone.
func (a Audience) withoutUnknown(n *named) Audience {
	if a.Unanswered != "" && n.roots[a.Unanswered] == nil {
		a.Unanswered = ""
	}
	unknown := func(id string) bool { return n.lists[id] == nil }
	a.ListIDs = slices.DeleteFunc(slices.Clone(a.ListIDs), unknown)
	a.ExcludeListIDs = slices.DeleteFunc(slices.Clone(a.ExcludeListIDs), unknown)
	return a
}

// unknownLists finds the lists that do not exist. words say it.
func (a Audience) unknownLists(known map[string]*List, words string) (ps []message.Problem) {
	for _, f := range []struct {
		field string
		ids   []string
	}{{"/audience/listIds", a.ListIDs}, {"/audience/excludeListIds", a.ExcludeListIDs}} {
		if len(f.ids) > MaxAudienceLists {
			ps = append(ps, message.Problem{Field: f.field, Code: "too_many_lists", Message: fmt.Sprintf("%d lists are too many; at most %d can be chosen.", len(f.ids), MaxAudienceLists), Params: message.Params{"count": len(f.ids), "limit": MaxAudienceLists}})
			continue
		}
		for i, id := range f.ids {
			if known[id] == nil {
				ps = append(ps, message.Problem{Field: fmt.Sprintf("%s/%d", f.field, i), Code: "unknown_list", Message: words, Value: short(id)})
			}
		}
	}
	return ps
}

// validate finds what is wrong with an audience, as opposed to missing.
func (a Audience) validate(n *named) []message.Problem {
	var ps []message.Problem
	if a.Unanswered != "" && (a.All || len(a.Emails) > 0 || len(a.ListIDs) > 0 || len(a.ExcludeListIDs) > 0) {
		ps = append(ps, message.Problem{Field: "/audience", Code: "ambiguous_audience", Message: "A reminder goes to those who have not answered, and to nobody else: leave out all users, lists and addresses."})
	}
	ps = append(ps, a.unanswered(n)...)
	if a.All && (len(a.Emails) > 0 || len(a.ListIDs) > 0) {
		ps = append(ps, message.Problem{Field: "/audience", Code: "ambiguous_audience", Message: "Choose either all users, or addresses and lists, not both."})
	}
	ps = append(ps, a.unknownLists(n.lists, "There is no such list.")...)
	if len(a.Emails) > MaxAddresses {
		ps = append(ps, message.Problem{Field: "/audience/emails", Code: "too_many_addresses", Message: fmt.Sprintf("%d addresses are too many for one campaign; at most %d can be typed or pasted.", len(a.Emails), MaxAddresses), Params: message.Params{"count": len(a.Emails), "limit": MaxAddresses}})
		return ps
	}
	for i, e := range a.Emails {
		if strings.TrimSpace(e) == "" {
			continue
		}
		if !isAddress(e) {
			ps = append(ps, message.Problem{Field: fmt.Sprintf("/audience/emails/%d", i), Code: "invalid_address", Message: notAnAddress(e), Value: short(e)})
			if len(ps) == 100 {
				break
			}
		}
	}
	return ps
}

// isAddress accepts a bare address such as "ann@contoso.example".
func isAddress(s string) bool {
	s = strings.TrimSpace(s)
	a, err := mail.ParseAddress(s)
	return err == nil && a.Address == s && len(s) <= 254 && !strings.ContainsAny(s, " \t\"") && strings.Contains(s[strings.LastIndexByte(s, '@')+1:], ".")
}

func notAnAddress(s string) string {
	return fmt.Sprintf("%q is not an e-mail address. Write it like name@company.com.", short(strings.TrimSpace(s)))
}

func short(s string) string {
	r := []rune(s)
	if len(r) > 200 {
		return string(r[:200]) + "…"
	}
	return s
}
