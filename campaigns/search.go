package campaigns

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// MaxPeopleQuery is the longest text to search people by, in characters.
const MaxPeopleQuery = 100

const (
	searchPatience = 2 * time.Second
	// searchAddition is how long the people known are searched beside a directory that has answered.
	searchAddition = 300 * time.Millisecond
	// searchFresh is how long an answer of the directory serves the same search again.
	searchFresh = 5 * time.Second
	// searchPause is how long a directory that failed is left alone, so that not every letter waits for it.
	searchPause = 10 * time.Second
	// searchKept bounds the answers kept, over all tenants.
	searchKept = 256
	// searchWords bounds the words of a search of the people known.
	searchWords = 8
)

// PeopleSource says where people were searched.
type PeopleSource string

const (
	FromDirectory PeopleSource = "directory" // and among the people that Herald knows
	FromKnown     PeopleSource = "known"     // there alone: the directory does not answer, or may not be asked
)

// searches are the directory's newest answers.
type searches struct {
	mu      sync.Mutex
	answers map[string]searchAnswer // by tenant, limit and text
	away    map[string]time.Time    // by tenant: until when it is not asked
}

type searchAnswer struct {
	people []Person
	until  time.Time
}

// SearchPeople finds up to limit people by parts of their names or addresses, those whose name or address begins so first.
func (s *Service) SearchPeople(ctx context.Context, a Actor, query string, limit int) ([]Reachability, PeopleSource, error) {
	if err := a.require(Prepare); err != nil {
		return nil, "", err
	}
	query = strings.Join(strings.Fields(query), " ")
	if n := utf8.RuneCountInString(query); n < 1 || n > MaxPeopleQuery {
		return nil, "", Errorf(CodeInvalid, "invalid_query", "Search people by 1 to %d characters of a name or an address.", MaxPeopleQuery)
	}
	return s.Roster.searchPeople(ctx, a.TenantID, query, limit)
}

func (r *Roster) searchPeople(ctx context.Context, tenantID, query string, limit int) ([]Reachability, PeopleSource, error) {
	source := FromDirectory
	found, err := r.searchDirectory(ctx, tenantID, query, limit)
	switch {
	case ctx.Err() != nil:
		return nil, "", ctx.Err()
	case err != nil:
		source = FromKnown
	}
	if found, err = r.withoutForgotten(ctx, tenantID, found); err != nil {
		return nil, "", err
	}
	out := make([]Reachability, 0, limit)
	var ids []string
	for _, p := range found {
		if p.Address() != "" && len(out) < limit {
			out, ids = append(out, Reachability{Person: p}), append(ids, p.ID)
		}
	}
	states, err := r.Store.InstallStates(ctx, tenantID, ids)
	if err != nil {
		return nil, "", err
	}
	for i := range out {
		out[i].State = states[out[i].Person.ID]
	}
	if len(out) < limit {
		words := strings.Fields(query)
		asked := ctx
		if source == FromDirectory {
			// They are an addition: a million of them must not hold up what the directory has said.
			var cancel context.CancelFunc
			asked, cancel = context.WithTimeout(ctx, searchAddition)
			defer cancel()
		}
		known, err := r.Store.SearchPeople(asked, tenantID, words[:min(len(words), searchWords)], limit)
		if err != nil && (asked.Err() == nil || ctx.Err() != nil) {
			return nil, "", err
		}
		for _, k := range known {
			if k.Person.Address() != "" && len(out) < limit && !slices.Contains(ids, k.Person.ID) {
				out = append(out, k)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b Reachability) int { return rank(a.Person, query) - rank(b.Person, query) })
	return out, source, nil
}

// withoutForgotten leaves out whoever was forgotten: they are nobody, although the directory has them.
func (r *Roster) withoutForgotten(ctx context.Context, tenantID string, people []Person) ([]Person, error) {
	if len(people) == 0 {
		return nil, nil
	}
	if n, err := r.Store.CountForgotten(ctx, tenantID); err != nil || n == 0 {
		return people, err
	}
	var out []Person
	for _, p := range people {
		forgotten, err := r.Store.IsForgotten(ctx, tenantID, p.ID)
		if err != nil {
			return nil, err
		}
		if !forgotten {
			out = append(out, p)
		}
	}
	return out, nil
}

// rank is 0 for whom the text is the beginning of, 1 for others.
func rank(p Person, query string) int {
	query = strings.ToLower(query)
	if strings.HasPrefix(strings.ToLower(p.DisplayName), query) || strings.HasPrefix(strings.ToLower(p.Address()), query) {
		return 0
	}
	return 1
}

// searchDirectory asks the directory, unless it has just said the same, or has just failed.
func (r *Roster) searchDirectory(ctx context.Context, tenantID, query string, limit int) ([]Person, error) {
	s, now := &r.search, r.Now()
	key := tenantID + "\x00" + strconv.Itoa(limit) + "\x00" + strings.ToLower(query)
	s.mu.Lock()
	kept, ok := s.answers[key]
	away := now.Before(s.away[tenantID])
	s.mu.Unlock()
	switch {
	case ok && now.Before(kept.until):
		return kept.people, nil
	case away:
		return nil, Errorf(CodeUnavailable, "directory_away", "The directory has just failed.")
	}
	patience := r.SearchPatience
	if patience == 0 {
		patience = searchPatience
	}
	asked, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	people, err := r.Directory.SearchPeople(asked, tenantID, query, limit)
	if ctx.Err() != nil {
		return nil, ctx.Err() // the author typed on: that says nothing about the directory
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		if s.away == nil {
			s.away = map[string]time.Time{}
		}
		s.away[tenantID] = now.Add(searchPause)
		r.Log.WarnContext(ctx, "directory not searched; searching the people already known", "tenant", tenantID, "err", err)
		return nil, err
	}
	delete(s.away, tenantID)
	if len(s.answers) >= searchKept || s.answers == nil {
		s.answers = map[string]searchAnswer{}
	}
	s.answers[key] = searchAnswer{people, now.Add(searchFresh)}
	return people, nil
}
