package sandbox

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"golang.org/x/sync/errgroup"
)

// Install gives the person the app and tells the bot: installationUpdate and conversationUpdate, in an order that depends on
// the person, because Teams promises none. Whoever has it already gets no events, unless again is set or the bot failed to
// take them the first time. When the bot fails the app is installed all the same, and the error is a [*BotError].
func (c *Cloud) Install(ctx context.Context, user string, again bool) error {
	p, err := c.Person(user)
	if err != nil {
		return err
	}
	return c.install(ctx, p, again)
}

func (c *Cloud) install(ctx context.Context, p Person, again bool) error {
	r := c.residents.get(p.key)
	if !c.give(p, r) && !again {
		if _, announced := c.installState(p.key); announced {
			return nil
		}
	}
	return c.tell(ctx, p, r)
}

// give installs the app, unless the person has it: then it is not fresh.
func (c *Cloud) give(p Person, r *resident) (fresh bool) {
	r.mu.Lock()
	fresh = !r.installed
	if fresh {
		r.installed, r.known, r.announced = true, true, false
		c.dir.tenantOf(p.key).countInstalled(true)
		c.journal.state(r)
	}
	r.mu.Unlock()
	if fresh {
		c.events.publish(topicState, "users", map[string]string{"user": p.ID})
	}
	return fresh
}

// tell calls the bot about an installation, unless that is lost.
func (c *Cloud) tell(ctx context.Context, p Person, r *resident) error {
	if c.bot.address() == "" || c.faults.read().InstallLost {
		return nil
	}
	r.mu.Lock()
	conversation := conversationID(r.key, r.generation)
	r.mu.Unlock()
	events := []activity{c.installationUpdate(p, conversation, "add"), c.membersAdded(p, conversation)}
	if p.Index%2 == 1 {
		events[0], events[1] = events[1], events[0]
	}
	for _, a := range events {
		if _, _, err := c.post(ctx, a); err != nil {
			return err
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.installed && !r.announced {
		r.announced = true
		c.journal.state(r)
	}
	return nil
}

// Uninstall takes the app away and tells the bot. From that moment on its sends are refused.
func (c *Cloud) Uninstall(ctx context.Context, user string) error {
	p, err := c.Person(user)
	if err != nil {
		return err
	}
	conversation, was := c.uninstall(p)
	if !was {
		return nil
	}
	_, _, err = c.post(ctx, c.installationUpdate(p, conversation, "remove"))
	return err
}

func (c *Cloud) uninstall(p Person) (conversation string, was bool) {
	r := c.residents.peek(p.key)
	if r == nil {
		return "", false
	}
	r.mu.Lock()
	was = r.installed
	if was {
		r.installed, r.announced = false, false
		c.dir.tenantOf(p.key).countInstalled(false)
		c.journal.state(r)
	}
	conversation = conversationID(r.key, r.generation)
	r.mu.Unlock()
	if was {
		c.events.publish(topicState, "users", map[string]string{"user": p.ID})
	}
	return conversation, was
}

// RemovePerson deletes somebody from the tenant: Graph knows them no more, and a bot they had hears membersRemoved.
func (c *Cloud) RemovePerson(ctx context.Context, user string) error {
	p, err := c.Person(user)
	if err != nil {
		return err
	}
	conversation, was := c.uninstall(p)
	if !c.dir.tenantOf(p.key).remove(p.Index) {
		return errNobody(user)
	}
	c.journal.append(record{Op: opRemove, Key: p.key})
	c.events.publish(topicState, "users", map[string]string{"user": p.ID})
	if !was {
		return nil
	}
	_, _, err = c.post(ctx, c.membersRemoved(p, conversation))
	return err
}

// AddPerson brings a new person into a tenant.
func (c *Cloud) AddPerson(tenant string) (Person, error) {
	t := c.dir.tenant(tenant)
	if t == nil {
		return Person{}, errNoTenant(tenant)
	}
	if int(t.count.Load()) >= MaxUsers {
		return Person{}, &apiError{status: 409, code: "tenant_full", message: "the tenant is full"}
	}
	p := t.person(t.add())
	c.journal.append(record{Op: opAdd, Key: p.key})
	c.events.publish(topicState, "users", map[string]string{"user": p.ID})
	return p, nil
}

func errNoTenant(ref string) error {
	return &apiError{status: 404, code: "tenant_not_found", message: fmt.Sprintf("there is no tenant %q", ref)}
}

// BulkInstall says how an install of many went.
type BulkInstall struct {
	Installed int      `json:"installed"` // people in the tenant who have the app now
	Failed    int      `json:"failed"`    // installations that the bot did not take
	Errors    []string `json:"errors"`    // the first few
}

const (
	installConcurrency = 8
	maxInstallErrors   = 10
)

// InstallCount installs for the lowest indexes of a tenant until count people have the app; a negative count means all. It
// returns when the bot has taken (or refused) all events. It never uninstalls.
func (c *Cloud) InstallCount(ctx context.Context, tenant string, count int) (BulkInstall, error) {
	t := c.dir.tenant(tenant)
	if t == nil {
		return BulkInstall{}, errNoTenant(tenant)
	}
	c.installing.Lock()
	defer c.installing.Unlock()
	var (
		mu  sync.Mutex
		out = BulkInstall{Errors: []string{}}
	)
	if count < 0 || count > t.size() {
		count = t.size()
	}
	missing := count - int(t.installed.Load())
	var g errgroup.Group
	g.SetLimit(installConcurrency)
	tell := c.bot.address() != ""
	for i := range int(t.count.Load()) {
		if ctx.Err() != nil || c.lifetime.Err() != nil {
			break
		}
		if t.isRemoved(i) {
			continue
		}
		installed, announced := c.installState(keyOf(t, i))
		switch {
		case installed && (announced || !tell): // nothing to do
			continue
		case installed: // the bot missed the events of an earlier try
		case missing <= 0:
			continue
		default:
			missing--
		}
		g.Go(func() error {
			if err := c.install(ctx, t.person(i), false); err != nil {
				mu.Lock()
				defer mu.Unlock()
				out.Failed++
				if len(out.Errors) < maxInstallErrors {
					out.Errors = append(out.Errors, err.Error())
				}
			}
			return nil
		})
	}
	_ = g.Wait()
	out.Installed = int(t.installed.Load())
	if err := errors.Join(ctx.Err(), c.lifetime.Err()); err != nil {
		return out, err
	}
	return out, nil
}

func (c *Cloud) installState(k personKey) (installed, announced bool) {
	r := c.residents.peek(k)
	if r == nil {
		return false, false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.installed, r.announced
}
