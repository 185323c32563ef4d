package check

import (
	"context"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"
)

var settings = map[string]string{
	"HERALD_PUBLIC_URL": "https://herald.example.com", "HERALD_APP_ID": "11111111-1111-1111-1111-111111111111",
	"HERALD_TENANT_ID": "22222222-2222-2222-2222-222222222222", "HERALD_APP_SECRET": "s3cret", "POSTGRES_PASSWORD": "pgpass", "REDIS_PASSWORD": "redispass",
}

func compose(env map[string]string) (*types.Project, error) {
	return loader.LoadWithContext(context.Background(), types.ConfigDetails{
		WorkingDir: "..", ConfigFiles: []types.ConfigFile{{Filename: "../compose.yaml"}}, Environment: maps.Clone(env), // it is written to
	})
}

// Compose's own loader and schema take the file; each setting that has no sensible default is asked for.
func TestCompose(t *testing.T) {
	p, err := compose(settings)
	if err != nil {
		t.Fatal(err)
	}
	for missing := range settings {
		without := map[string]string{}
		for k, v := range settings {
			if k != missing {
				without[k] = v
			}
		}
		if _, err := compose(without); err == nil || !strings.Contains(err.Error(), missing) {
			t.Errorf("without %s: %v", missing, err)
		}
	}
	for name, s := range p.Services {
		if strings.Contains(strings.Split(s.Image, ":")[0], ".") {
			t.Errorf("%s names a registry: %s", name, s.Image)
		}
		if s.Restart == "" || !slices.Contains(s.SecurityOpt, "no-new-privileges:true") {
			t.Errorf("%s may gain privileges, or is not started again", name)
		}
	}
	for _, role := range []string{"web", "worker"} {
		s := p.Services[role]
		if !s.ReadOnly || s.User != "65532:65532" || !slices.Contains(s.CapDrop, "ALL") || s.StopGracePeriod == nil || len(s.Tmpfs) != 2 {
			t.Errorf("%s is not locked down: %+v", role, s)
		}
		if *s.Environment["HERALD_ROLE"] != role || *s.Environment["HERALD_MODE"] != "cloud" || !strings.Contains(*s.Environment["HERALD_DATABASE_URL"], "pgpass@postgres:5432") {
			t.Errorf("%s: %v", role, s.Environment)
		}
		for _, store := range []string{"postgres", "redis"} {
			if s.DependsOn[store].Condition != types.ServiceConditionHealthy || p.Services[store].HealthCheck == nil {
				t.Errorf("%s does not wait for %s", role, store)
			}
		}
	}
	for name, s := range p.Services {
		for _, port := range s.Ports {
			if name != "web" || port.HostIP != "127.0.0.1" {
				t.Errorf("%s is open at %s:%s", name, port.HostIP, port.Published)
			}
		}
	}
	redis := strings.Join(p.Services["redis"].Command, " ")
	for _, want := range []string{"--appendonly yes", "--appendfsync everysec", "--maxmemory-policy noeviction", "--requirepass"} {
		if !strings.Contains(redis, want) {
			t.Errorf("redis runs without %s: %s", want, redis)
		}
	}
	example := string(read(t, "../.env.example"))
	for name := range settings {
		if !strings.Contains(example, "\n"+name+"=") {
			t.Errorf(".env.example lacks %s", name)
		}
	}
}

// Every setting that a file here makes is one that Herald reads.
func TestSettingsAreHeralds(t *testing.T) {
	names := regexp.MustCompile(`\bHERALD_[A-Z_]+`)
	known := map[string]bool{"HERALD_PORT": true} // the compose file's own
	for _, name := range names.FindAllString(string(read(t, top+"/infra/app/config.go")), -1) {
		known[name] = true
	}
	for _, file := range []string{"../Dockerfile", "../compose.yaml", "../.env.example", "../azure/main.bicep", "../helm/herald/templates/_helpers.tpl"} {
		found := names.FindAllString(string(read(t, file)), -1)
		if len(found) == 0 {
			t.Errorf("%s sets nothing", file)
		}
		for _, name := range found {
			if !known[name] {
				t.Errorf("%s sets %s, which Herald does not read", file, name)
			}
		}
	}
}
