package campaigns

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"
)

// Finding the chats of people who have the app and of whom Teams has not called the bot: it was down when a policy installed the app,
// they had it already, or the call was lost. Graph tells the chat (platform.md §8, and Microsoft's "proactive installation").

const (
	// chatGrace is how long Teams is waited for after an installation. It usually calls within a minute.
	chatGrace = 3 * time.Minute
	// chatTries and chatBackoff: looked for at once, and after 1, 4, 16 and 64 minutes more. A chat may come after the installation.
	chatTries   = 5
	chatBackoff = time.Minute
	// chatPage is how many people are looked at together. Most are settled without a request, so it is more than installPage.
	chatPage = 500
)

// chats looks for the chats of one page of an installation's people; worked is false when it is time for nobody's.
func (t *tenantInstalls) chats(ctx context.Context, tenantID string, catalog *string) (worked bool, err error) {
	all, err := t.Store.ChatInstallations(ctx, t.Now())
	at := slices.IndexFunc(all, func(i *Installation) bool { return i.TenantID == tenantID })
	if err != nil || at < 0 {
		return false, err
	}
	i := all[at]
	due, err := t.Store.DueChats(ctx, tenantID, i.ID, t.Now(), chatPage)
	if err != nil || len(due) == 0 {
		return false, err
	}
	page, cancel := context.WithTimeout(context.WithoutCancel(ctx), installPatience)
	defer cancel()
	p := &chatPageRun{installPageRun: installPageRun{tenantInstalls: t, tenantID: tenantID}}
	var look []ChatTarget
	for _, each := range due {
		switch {
		case each.Settled:
			p.found = append(p.found, ChatResult{PersonID: each.PersonID, Attempts: each.Attempts, Over: true})
		case len(look) < installPage:
			look = append(look, each)
		}
	}
	p.run(ctx, page, catalog, look)
	// What was learned is written, also when the patience with Graph is over.
	write := context.WithoutCancel(ctx)
	made, err := t.Store.RecordChats(write, tenantID, i.ID, p.found, Reference{BotID: t.BotID, ServiceURL: t.ServiceURL})
	if err != nil {
		return true, err
	}
	if n := len(made); n > 0 {
		t.Log.InfoContext(ctx, "chats found of people of whom Teams had not told", "tenant", tenantID, "installation", i.ID, "people", n)
	}
	p.greet(page, made)
	if p.wait > 0 {
		return true, t.pause(write, tenantID, i.ID, p.wait)
	}
	return true, nil
}

// chatPageRun is one page of looking on the wire.
type chatPageRun struct {
	installPageRun
	found []ChatResult
}

// run looks for everybody's chat; ctx ends when Herald stops, wire when the answers are not waited for any more.
func (p *chatPageRun) run(ctx, wire context.Context, catalog *string, look []ChatTarget) {
	var flying sync.WaitGroup
	defer flying.Wait()
	places := make(chan struct{}, installParallel)
	for _, each := range look {
		places <- struct{}{}
		if p.ended() || wire.Err() != nil || p.pace.wait(ctx) != nil {
			return
		}
		if *catalog == "" { // the first one of the page
			id, err := p.Apps.CatalogID(wire, p.tenantID)
			if err != nil {
				// Without it nobody's can be looked for now: that is a try of each, so that it does not go on for ever.
				for _, each := range look {
					p.became(each, "", err)
				}
				return
			}
			*catalog = id
			if p.pace.wait(ctx) != nil {
				return
			}
		}
		flying.Go(func() {
			defer func() { <-places }()
			installation, err := p.Apps.AppOf(wire, p.tenantID, *catalog, each.PersonID)
			chat := ""
			if err == nil {
				if p.pace.wait(ctx) != nil {
					return
				}
				chat, err = p.Apps.ChatOf(wire, p.tenantID, each.PersonID, installation)
			}
			p.became(each, chat, err)
		})
	}
}

// became notes what came of looking for one person's chat.
func (p *chatPageRun) became(target ChatTarget, chatID string, err error) {
	r := ChatResult{PersonID: target.PersonID, ChatID: chatID, Attempts: target.Attempts + 1}
	code := CodeOf(err)
	if code == "" && err != nil { // the patience with the page is over
		code = CodeUnavailable
	}
	switch code {
	case "":
		p.answered()
		r.Over = true
	case CodeThrottled:
		p.refused(err, "")
		return
	case CodeNotFound, CodeForbidden, CodeInvalid:
		p.answered()
	default:
		p.stumbled()
	}
	if !r.Over && r.Attempts >= chatTries {
		r.Over = true
		p.Log.Warn("chat not found; a word of theirs to the bot would tell it", "tenant", p.tenantID, "person", r.PersonID, "err", err)
	}
	if !r.Over {
		r.At = p.Now().Add(chatBackoff << (2 * (r.Attempts - 1)))
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.found = append(p.found, r)
}

// greet welcomes those who were found, as the bot does whoever Teams tells it of.
func (p *chatPageRun) greet(ctx context.Context, made []Reference) {
	if p.Greet == nil {
		return
	}
	slices.SortFunc(made, func(a, b Reference) int { return cmp.Compare(a.PersonID, b.PersonID) })
	var flying sync.WaitGroup
	defer flying.Wait()
	places := make(chan struct{}, installParallel)
	for _, ref := range made {
		places <- struct{}{}
		flying.Go(func() {
			defer func() { <-places }()
			if err := p.Greet(ctx, ref); err != nil {
				p.Log.WarnContext(ctx, "not welcomed; the next word from them does that", "tenant", ref.TenantID, "person", ref.PersonID, "err", err)
			}
		})
	}
}
