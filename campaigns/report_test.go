package campaigns_test

import (
	"testing"

	"herald/campaigns"
)

func TestResultOf(t *testing.T) {
	for name, tc := range map[string]struct {
		status  campaigns.Status
		planned bool
		counts  campaigns.Counts
		want    campaigns.Result
	}{
		"draft":                           {campaigns.Draft, false, campaigns.Counts{}, campaigns.ResultOngoing},
		"waiting":                         {campaigns.Scheduled, false, campaigns.Counts{}, campaigns.ResultOngoing},
		"planning, first all rescheduled": {campaigns.Sending, false, campaigns.Counts{Total: 2, Rescheduled: 2}, campaigns.ResultOngoing},
		"sending":                         {campaigns.Sending, true, campaigns.Counts{Total: 3, Sent: 1, Sending: 1, Rescheduled: 1}, campaigns.ResultOngoing},
		"all that is left is rescheduled": {campaigns.Sending, true, campaigns.Counts{Total: 3, Sent: 2, Rescheduled: 1}, campaigns.ResultRescheduled},
		"sent":                            {campaigns.Completed, true, campaigns.Counts{Total: 2, Sent: 2}, campaigns.ResultSuccess},
		"sent, some skipped":              {campaigns.Completed, true, campaigns.Counts{Total: 3, Sent: 2, Skipped: 1}, campaigns.ResultSuccess},
		"one failed":                      {campaigns.Completed, true, campaigns.Counts{Total: 3, Sent: 2, Failed: 1}, campaigns.ResultError},
		"nobody to send to":               {campaigns.Failed, true, campaigns.Counts{Total: 3, Skipped: 3}, campaigns.ResultError},
		"stopped after some":              {campaigns.Stopped, true, campaigns.Counts{Total: 3, Sent: 1, Cancelled: 2}, campaigns.ResultSuccess},
		"stopped before any":              {campaigns.Stopped, true, campaigns.Counts{Total: 3, Cancelled: 3}, campaigns.ResultError},
	} {
		if got := campaigns.ResultOf(&campaigns.Campaign{Status: tc.status, Planned: tc.planned, Counts: tc.counts}); got != tc.want {
			t.Errorf("%s: %s, want %s", name, got, tc.want)
		}
	}
}
