package campaigns

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"math"
	"slices"
	"sync"
	"time"

	"herald/campaigns/message"
	"herald/campaigns/track"
)

// LinkCount says how often a link was followed.
type LinkCount struct {
	Recipients int // people who followed it at least once
	Clicks     int
}

// LinkReport is a link of a campaign and what became of it.
type LinkReport struct {
	Index int // its number in the content, from 0
	URL   string
	Text  string // of the link or button; may be empty
	LinkCount
}

// Click is a link that one person followed, once or more.
type Click struct {
	Campaign int64 // the campaign's number
	Seq      int64
	Link     int64
	N        int
	At       time.Time // the first of them
}

// Receiver is whom a delivery went to, as far as a link's address can speak of them.
type Receiver struct {
	Person Person // as the directory knows them now
	Cells  string // the list's names and values as they were sent
}

// LinkStore is the part of SQL that knows campaigns by the numbers in tokens. A number is unique over all tenants and never
// used again; whoever asks has a token that this installation signed.
type LinkStore interface {
	// NumberedCampaign returns CodeNotFound when the campaign has been deleted.
	NumberedCampaign(ctx context.Context, num int64) (Key, error)
	Campaign(ctx context.Context, k Key) (*Campaign, error)
	// Receiver returns CodeNotFound when the campaign has no such delivery.
	Receiver(ctx context.Context, k Key, seq int64) (Receiver, error)
	// RecordClicks adds clicks to their deliveries. Those of deleted campaigns are left out. It returns those that came before
	// their delivery was final, which nobody may touch until then, and with an error also those that it could not write: the others
	// are counted.
	RecordClicks(ctx context.Context, clicks []Click) (left []Click, err error)
}

const (
	// lookUp bounds how long somebody who followed a link waits for the database.
	lookUp = 2 * time.Second
	// gather is the least time between two writes of clicks, which are gathered in between.
	gather = 100 * time.Millisecond
	// clickPause is the pause after clicks could not be written.
	clickPause = time.Second
	// maxPending is how many people's clicks wait for the database at most.
	maxPending = 20_000
	// maxBatch is how many are written at once.
	maxBatch = 500
	// maxLinkTemplates is how many campaigns' links are kept.
	maxLinkTemplates = 64
)

// Links follows tracked links: it finds out where they lead, and counts. It is safe for concurrent use.
type Links struct {
	store    LinkStore
	settings Settings
	now      func() time.Time
	log      *slog.Logger
	wake     chan struct{}

	mu        sync.Mutex
	templates map[int64]linkTemplate
	pending   map[track.Ref]Click
	dropped   int
}

type linkTemplate struct {
	key Key
	tpl *message.Template
}

// NewLinks makes one; Run must run for clicks to be written.
func NewLinks(store LinkStore, settings Settings, now func() time.Time, log *slog.Logger) *Links {
	return &Links{store: store, settings: settings, now: now, log: log, wake: make(chan struct{}, 1), templates: map[int64]linkTemplate{}, pending: map[track.Ref]Click{}}
}

// Target says where the link of a token leads. CodeNotFound when this installation never signed the token, CodeGone when
// its campaign has been deleted. Any other error: the database does not answer, and it is not known.
func (l *Links) Target(ctx context.Context, token string) (track.Ref, string, error) {
	ref, ok := l.settings.LinkSigner.Parse(token)
	if !ok || ref.Campaign > math.MaxInt64 || ref.Seq > math.MaxInt64 || ref.Link > math.MaxInt64 {
		return track.Ref{}, "", Errorf(CodeNotFound, "unknown_link", "There is no such link.")
	}
	gone := Errorf(CodeGone, "link_gone", "The campaign of this link has been deleted.")
	ctx, cancel := context.WithTimeout(ctx, lookUp)
	defer cancel()
	t, err := l.template(ctx, int64(ref.Campaign))
	if CodeOf(err) == CodeNotFound {
		return ref, "", gone
	}
	if err != nil {
		return ref, "", err
	}
	var who message.Person
	if t.tpl.Personal(ref.Link) {
		r, err := l.store.Receiver(ctx, t.key, int64(ref.Seq))
		if CodeOf(err) == CodeNotFound {
			return ref, "", gone
		}
		if err != nil {
			return ref, "", err
		}
		if who, err = r.addressee(); err != nil {
			return ref, "", err
		}
	}
	target, ok := t.tpl.Target(who, ref.Link)
	if !ok {
		return ref, "", gone
	}
	return ref, target, nil
}

func (r Receiver) addressee() (message.Person, error) {
	who := Addressee(r.Person, Reference{})
	if r.Cells == "" {
		return who, nil
	}
	var m Member
	if err := DecodeCells(r.Cells, &m); err != nil {
		return who, err
	}
	return Personalise(who, m), nil
}

// template is a campaign's links. The database is asked each time whether the campaign is still there; while it does not
// answer, what is known of the links serves.
func (l *Links) template(ctx context.Context, num int64) (linkTemplate, error) {
	l.mu.Lock()
	known, ok := l.templates[num]
	l.mu.Unlock()
	k, err := l.store.NumberedCampaign(ctx, num)
	switch {
	case CodeOf(err) == CodeNotFound:
		l.mu.Lock()
		delete(l.templates, num)
		l.mu.Unlock()
		return linkTemplate{}, err
	case ok:
		return known, nil
	case err != nil:
		return linkTemplate{}, err
	}
	c, err := l.store.Campaign(ctx, k)
	if err != nil {
		return linkTemplate{}, err
	}
	tpl, err := message.Compile(c.Format, c.Content, l.settings.Sent())
	if err != nil {
		return linkTemplate{}, fmt.Errorf("compile campaign %s: %w", c.ID, err)
	}
	t := linkTemplate{k, tpl}
	l.mu.Lock()
	defer l.mu.Unlock()
	for old := range l.templates {
		if len(l.templates) < maxLinkTemplates {
			break
		}
		delete(l.templates, old)
	}
	l.templates[num] = t
	return t, nil
}

// Count counts a click. It never waits for the database.
func (l *Links) Count(ref track.Ref) {
	l.mu.Lock()
	defer l.mu.Unlock()
	c, ok := l.pending[ref]
	if !ok {
		if len(l.pending) >= maxPending {
			l.dropped++
			return
		}
		c = Click{Campaign: int64(ref.Campaign), Seq: int64(ref.Seq), Link: int64(ref.Link), At: l.now()}
	}
	c.N++
	l.pending[ref] = c
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// Run writes clicks until ctx ends, and then what is left.
func (l *Links) Run(ctx context.Context) {
	for ctx.Err() == nil {
		select {
		case <-l.wake:
		case <-ctx.Done():
			continue
		}
		pause := gather
		again, err := l.flush(ctx)
		if err != nil && ctx.Err() == nil {
			l.log.WarnContext(ctx, "clicks not written; trying again", "err", err)
		}
		if again {
			pause = clickPause
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
		}
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lookUp)
	defer cancel()
	if _, err := l.flush(ctx); err != nil {
		l.log.WarnContext(ctx, "the last clicks are lost", "err", err)
	}
}

// flush writes what is pending. It keeps what could not be written yet, and says so.
func (l *Links) flush(ctx context.Context) (again bool, err error) {
	l.mu.Lock()
	taken := l.pending
	l.pending = map[track.Ref]Click{}
	dropped := l.dropped
	l.dropped = 0
	l.mu.Unlock()
	if dropped > 0 {
		l.log.WarnContext(ctx, "more clicks than the database takes; some are not counted", "clicks", dropped)
	}
	for batch := range slices.Chunk(slices.Collect(maps.Values(taken)), maxBatch) {
		left := batch
		if err == nil {
			left, err = l.store.RecordClicks(ctx, batch)
		}
		for _, c := range left {
			again = true
			l.keep(c)
		}
	}
	return again, err
}

func (l *Links) keep(c Click) {
	l.mu.Lock()
	defer l.mu.Unlock()
	ref := track.Ref{Campaign: uint64(c.Campaign), Seq: uint64(c.Seq), Link: uint64(c.Link)}
	c.N += l.pending[ref].N
	l.pending[ref] = c
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// Links returns the tracked links of a campaign that has been scheduled or started, in the order of the content.
func (s *Service) Links(ctx context.Context, a Actor, id string) ([]LinkReport, error) {
	c, err := s.Get(ctx, a, id)
	if err != nil {
		return nil, err
	}
	if c.Status == Draft {
		return nil, notStarted()
	}
	if c.Format == message.Survey { // whose cards keep the author's own addresses
		return nil, nil
	}
	tpl, err := message.Compile(c.Format, c.Content, s.Settings.Sent())
	if err != nil {
		return nil, fmt.Errorf("compile campaign %s: %w", c.ID, err)
	}
	counts, err := s.Store.LinkClicks(ctx, c.Key())
	if err != nil {
		return nil, err
	}
	var out []LinkReport
	for i, link := range tpl.Links() {
		out = append(out, LinkReport{Index: i, URL: link.URL, Text: link.Text, LinkCount: counts[int64(i)]})
	}
	return out, nil
}
