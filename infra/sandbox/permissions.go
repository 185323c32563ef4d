package sandbox

import (
	"fmt"
	"slices"
	"sync"
)

// permissions are the application permissions that the tenant's administrator consented to.
type permissions struct {
	mu  sync.Mutex
	set map[string]bool
}

const (
	permUsers    = "User.Read.All"
	permPresence = "Presence.Read.All"
	permMailbox  = "MailboxSettings.Read"
	permInstall  = "TeamsAppInstallation.ReadWriteSelfForUser.All"
	permApps     = "Application.Read.All"
	permCatalog  = "AppCatalog.Read.All"
)

func newPermissions() *permissions {
	return &permissions{set: map[string]bool{permUsers: true, permPresence: true, permMailbox: true, permInstall: true, permApps: true, permCatalog: true}}
}

func (p *permissions) granted() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var out []string
	for name, on := range p.set {
		if on {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

func (p *permissions) has(name string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.set[name]
}

// read answers a copy.
func (p *permissions) read() map[string]bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := map[string]bool{}
	for k, v := range p.set {
		out[k] = v
	}
	return out
}

// SetPermission grants or revokes an application permission of Graph. It takes effect at once, also for tokens that were
// issued before, which is kinder to tests than the cloud.
func (c *Cloud) SetPermission(name string, granted bool) error {
	c.permissions.mu.Lock()
	defer c.permissions.mu.Unlock()
	if _, known := c.permissions.set[name]; !known {
		return &apiError{status: 400, code: "bad_permission", message: fmt.Sprintf("the sandbox has no permission %q", name)}
	}
	c.permissions.set[name] = granted
	return nil
}
