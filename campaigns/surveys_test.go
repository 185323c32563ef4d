package campaigns_test

import (
	"context"
	"testing"
	"time"

	"herald/campaigns"
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
