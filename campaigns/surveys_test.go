package campaigns_test

import (
	"context"
	"testing"
	"time"

	"herald/campaigns"
	"herald/campaigns/message"
	"herald/campaigns/survey"
)

// overtaken is a store in which somebody else saves right after each save.
type overtaken struct{ campaigns.Store }

func (s overtaken) UpdateSurvey(ctx context.Context, v *campaigns.Survey, now time.Time) error {
	if err := s.Store.UpdateSurvey(ctx, v, now); err != nil {
		return err
	}
	other := *v
	other.Version, other.Name = v.Version+1, "Theirs"
	return s.Store.UpdateSurvey(ctx, &other, now)
}

func (s overtaken) UpdateDraft(ctx context.Context, c *campaigns.Campaign, now time.Time) error {
	if err := s.Store.UpdateDraft(ctx, c, now); err != nil {
		return err
	}
	other := *c
	other.Version, other.Name = c.Version+1, "Theirs"
	return s.Store.UpdateDraft(ctx, &other, now)
}

func (s overtaken) UpdateList(ctx context.Context, l *campaigns.List, now time.Time, fits func(campaigns.Member) error) error {
	if err := s.Store.UpdateList(ctx, l, now, fits); err != nil {
		return err
	}
	other := *l
	other.Version, other.Name = l.Version+1, "Theirs"
	return s.Store.UpdateList(ctx, &other, now, nil)
}

// Two authors save the same draft, or the same list, one right after the other. The first must hear of the second before saving again.
func TestDraftAndListSavedTwiceAtOnce(t *testing.T) {
	w := setup(t)
	c := w.draft(message.Content{Text: "Hello"})
	l, err := w.CreateList(t.Context(), author, campaigns.ListInput{Name: "Clients"})
	w.ok(err)
	w.Store = overtaken{w.db}
	mine := campaigns.Input{Name: "Mine", Content: message.Content{Text: "Hello"}}
	saved, err := w.Update(t.Context(), author, c.ID, c.Version, mine)
	w.ok(err)
	kept, err := w.UpdateList(t.Context(), author, l.ID, l.Version, campaigns.ListInput{Name: "Mine"})
	w.ok(err)
	if saved.Name != "Mine" || saved.Version != c.Version+1 || !saved.UpdatedAt.Equal(start) || kept.Name != "Mine" || kept.Version != l.Version+1 || !kept.UpdatedAt.Equal(start) {
		t.Errorf("saved %+v and %+v", saved, kept)
	}
	w.Store = w.db
	if _, err := w.Update(t.Context(), author, c.ID, saved.Version, mine); campaigns.CodeOf(err) != campaigns.CodeStale {
		t.Errorf("somebody else's draft was overwritten unseen: %v", err)
	}
	if _, err := w.UpdateList(t.Context(), author, l.ID, kept.Version, campaigns.ListInput{Name: "Mine"}); campaigns.CodeOf(err) != campaigns.CodeStale {
		t.Errorf("somebody else's list was overwritten unseen: %v", err)
	}
}

// Two authors save the same survey one right after the other. The first must hear of the second before saving again.
func TestSurveySavedTwiceAtOnce(t *testing.T) {
	w := setup(t)
	v, err := w.CreateSurvey(t.Context(), author, campaigns.SurveyInput{Name: "Lunch"})
	w.ok(err)
	w.Store = overtaken{w.db}
	mine := campaigns.SurveyInput{Name: "Mine", Definition: survey.Definition{Intro: "Hello"}}
	saved, err := w.UpdateSurvey(t.Context(), author, v.ID, v.Version, mine)
	w.ok(err)
	if saved.Name != "Mine" || saved.Definition.Intro != "Hello" || saved.Version != v.Version+1 || !saved.UpdatedAt.Equal(start) {
		t.Errorf("saved %+v", saved)
	}
	w.Store = w.db
	if _, err := w.UpdateSurvey(t.Context(), author, v.ID, saved.Version, mine); campaigns.CodeOf(err) != campaigns.CodeStale {
		t.Errorf("somebody else's version was overwritten unseen: %v", err)
	}
}
