package delivery_test

import (
	"testing"
	"time"

	"herald/campaigns"
)

// G6: nothing starts before its time, and each starts at its own.
//
// Checked by claiming starts whatever their moment (start_claim.lua with +inf) and leaving
// "send_at <= $3" out of Begin: both start at once. One of the two alone does not start them.
func TestG6NothingStartsBeforeItsTime(t *testing.T) {
	w := setup(t)
	w.people(contoso, 3)
	early, late := w.send(contoso, everybody, time.Hour), w.send(contoso, everybody, 2*time.Hour)
	p := w.start()
	is := func(what string, k campaigns.Key, s campaigns.Status, sends int) {
		t.Helper()
		if c := w.campaign(k); c.Status != s || w.teams.total(k) != sends {
			t.Errorf("%s: %s with %d messages, want %s with %d", what, c.Status, w.teams.total(k), s, sends)
		}
	}
	p.idle()
	is("at first", early, campaigns.Scheduled, 0)
	w.advance(55 * time.Minute)
	p.idle()
	is("five minutes before", early, campaigns.Scheduled, 0)
	w.advance(5 * time.Minute)
	w.ended(early, campaigns.Completed)
	w.exactlyOnce(early, 3)
	p.idle()
	is("an hour before", late, campaigns.Scheduled, 0)
	w.advance(time.Hour)
	w.ended(late, campaigns.Completed)
	w.exactlyOnce(late, 3)
	for _, k := range []campaigns.Key{early, late} {
		if c := w.campaign(k); c.StartedAt.Before(*c.SendAt) {
			t.Errorf("started at %s, before %s", c.StartedAt, c.SendAt)
		}
	}
}

// G6: a start that stands in Redis from before the campaign was taken back does not start it early.
//
// Checked by leaving "send_at <= $3" out of Begin.
func TestG6TakenBackAndScheduledLater(t *testing.T) {
	w := setup(t)
	w.people(contoso, 2)
	k := w.send(contoso, everybody, time.Hour)
	old := *w.campaign(k).SendAt
	_, err := w.service.Unschedule(w.ctx, author(contoso), k.CampaignID)
	w.ok(err)
	at := w.now().Add(3 * time.Hour)
	_, err = w.service.Send(w.ctx, author(contoso), k.CampaignID, 0, &at)
	w.ok(err)
	w.advance(2 * time.Hour)
	p := w.start()
	p.idle()
	w.until("the old start was looked at", func() bool {
		if p.count("Begin") > 0 {
			return true
		}
		w.ok(w.queue.ScheduleStart(w.ctx, k, old)) // the reconciler moves it to its right place every now and then
		return false
	})
	p.idle()
	if c := w.campaign(k); c.Status != campaigns.Scheduled || w.teams.total(k) != 0 {
		t.Fatalf("%+v", c)
	}
	w.advance(time.Hour)
	w.ended(k, campaigns.Completed)
	w.exactlyOnce(k, 2)
}

// The longest way: six days ahead, every process stopped, the database closed and opened again, Redis
// empty. It is sent at its time, once. Taken back in between, another is not sent at all.
func TestSendLaterSurvivesRestart(t *testing.T) {
	w := setup(t)
	w.people(contoso, 4)
	k := w.send(contoso, everybody, 6*24*time.Hour)
	back := w.send(contoso, everybody, 6*24*time.Hour)
	w.start().end()
	w.ok(w.db.Close())
	w.ok(w.rdb.FlushAll(w.ctx).Err())
	w.queue.Close()
	w.openStore()
	w.queue = w.openQueue()
	p := w.start()
	w.until("the start is in Redis again", func() bool { return p.count("OpenCampaigns") > 0 })
	_, err := w.service.Unschedule(w.ctx, author(contoso), back.CampaignID)
	w.ok(err)
	w.advance(6*24*time.Hour - time.Minute)
	p.idle()
	if c := w.campaign(k); c.Status != campaigns.Scheduled {
		t.Errorf("started early: %+v", c)
	}
	w.advance(time.Minute)
	w.ended(k, campaigns.Completed)
	w.exactlyOnce(k, 4)
	p.idle()
	if c := w.campaign(back); c.Status != campaigns.Draft || w.teams.total(back) != 0 {
		t.Errorf("taken back, and yet: %+v", c)
	}
}
