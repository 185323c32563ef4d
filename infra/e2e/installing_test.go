package e2e

import (
	"slices"
	"testing"
	"time"
)

// Herald is killed while it installs the app: nobody is left out, and at the sandbox no second sees more than Graph allows, by
// both processes together. All can be reached in the end, also of whom Teams told in the moment of the kill.
func TestInstallingSurvivesAKill(t *testing.T) {
	t.Parallel()
	const people = 150
	// missed is how many of Teams' calls may have met no Herald: those of the moment of the kill. Nobody repeats them.
	const missed = 50
	h := StartApart(t, nil, map[string]string{"HERALD_SANDBOX_USERS": "150"})
	var admin *API
	for _, u := range h.Cloud.Users() {
		if slices.Contains(u.Roles, "Admin") {
			admin = h.As(t, u.UPN, "")
		}
	}
	preview := admin.OK(200, "POST", "/admin/installations/preview", map[string]any{"all": true})
	if preview["missing"] != float64(people) {
		t.Fatalf("%v", preview)
	}
	id, _ := admin.OK(201, "POST", "/admin/installations", map[string]any{"audience": map[string]any{"all": true}})["id"].(string)
	installs := func() (s struct {
		Installs     map[string]int `json:"installs"`
		PeakInstalls int            `json:"peakInstalls"`
	}) {
		h.Cloud.do("GET", "/api/stats", nil, 200, &s)
		return s
	}
	eventually(t, "a third have the app", func() bool { return installs().Installs["201"] >= people/3 })
	h.Kill()
	if n := installs().Installs["201"]; n >= people {
		t.Fatalf("all %d were installed before the kill", n)
	}
	expire(t, h.env)
	h.Again()
	eventually(t, "all can be written to", func() bool {
		i := admin.OK(200, "GET", "/admin/installations/"+id, nil)
		if i["state"] != "completed" || i["waiting"].(float64) > missed {
			return false
		}
		if i["failed"] != float64(0) || i["installed"].(float64)+i["already"].(float64) != people {
			t.Errorf("%v", i)
		}
		return true
	})
	h.Cloud.Advance(3 * time.Minute) // Teams has had its time, and Herald looks for itself
	eventually(t, "so can those of whom Teams told nobody", func() bool {
		return admin.OK(200, "GET", "/admin/installations/"+id, nil)["waiting"] == float64(0)
	})
	s := installs()
	// What was on its way into the database at the kill is asked for again, and Graph says that they have it.
	if s.Installs["201"] != people || s.Installs["409"] > 50 || s.Installs["429"] != 0 || s.PeakInstalls > 30 {
		t.Errorf("%+v", s)
	}
}
