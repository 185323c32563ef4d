package campaigns_test

import (
	"encoding/json"
	"strings"
	"testing"

	"herald/campaigns"
	"herald/campaigns/message"
	"herald/campaigns/survey"
)

// A survey's card refreshes itself for the person whose id Teams has told; of others there is no id that it could name, and nothing but that
// is missing from theirs.
func TestSurveyCardOfSomebodyOfWhomTeamsHasNotTold(t *testing.T) {
	t.Parallel()
	for _, anonymous := range []bool{false, true} {
		d := survey.Definition{Anonymous: anonymous, Questions: []survey.Question{{ID: "eats", Type: survey.YesNo, Text: "Do you eat here?"}}}
		tpl, err := campaigns.Settings{}.Compile(campaigns.Work{CampaignID: "c1", Format: message.Survey, Survey: &d})
		if err != nil {
			t.Fatal(err)
		}
		for mri, refresh := range map[string]bool{"29:anna": true, "": false} {
			card, err := tpl.Render(message.Person{Locale: "en-GB"}, campaigns.Reference{UserID: mri}, nil)
			if err != nil {
				t.Fatal(err)
			}
			body := string(card.Activity.Attachments[0].Content.(json.RawMessage))
			if got := strings.Contains(body, `"refresh"`); got != refresh || strings.Contains(body, `"userIds":["29:anna"]`) != refresh {
				t.Errorf("anonymous %v, id %q: %s", anonymous, mri, body)
			}
			if !strings.Contains(body, "Do you eat here?") || strings.Contains(body, `"token"`) != anonymous || strings.Contains(body, `\u0000`) {
				t.Errorf("anonymous %v, id %q: %s", anonymous, mri, body)
			}
		}
	}
}
