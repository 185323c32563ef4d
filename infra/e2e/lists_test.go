package e2e

import (
	"fmt"
	"strings"
	"testing"
)

// A file becomes a list, and the list a campaign: the sample of seed 004 with addresses of the tenant.
func TestCampaignToAnImportedList(t *testing.T) {
	onEachBackend(t, func(t *testing.T, env map[string]string) {
		h := StartApart(t, env)
		h.Cloud.Install(10)
		users := h.Cloud.Users()
		api := h.Author(t)
		made := func(name string) string {
			return api.OK(201, "POST", "/lists", map[string]any{"name": name})["id"].(string)
		}
		list, out := made("Customers"), made("Holidays")

		file := "CONTACT\tNOMBRE\tMONTO\tFECHA\n"
		for i, u := range []string{users[1].UPN, strings.ToUpper(users[2].UPN), users[3].UPN, users[15].UPN, "ghost@contoso.example"} {
			file += fmt.Sprintf("%s\tCarlos%d\t1%d50,5\t2016-12-2%d\n", u, i, i, i)
		}
		if n := api.Upload(200, "/lists/"+list+"/import", "sample.tsv", file, "dryRun", "true"); n["good"] != 5.0 || n["imported"] != 0.0 {
			t.Errorf("looked at: %v", n)
		}
		broken := api.Upload(422, "/lists/"+list+"/import", "sample.tsv", file+"x@contoso.example\tX\t1\t2026-13-45\n")
		if broken["code"] != "import_problems" || api.OK(200, "GET", "/lists/"+list, nil)["members"] != 0.0 {
			t.Errorf("half imported: %v", broken)
		}
		api.Upload(200, "/lists/"+list+"/import", "sample.tsv", file)
		api.OK(200, "POST", "/lists/"+out+"/members/bulk", map[string]any{"emails": []string{users[3].UPN}})
		if l := api.OK(200, "GET", "/lists/"+list, nil); l["members"] != 5.0 || l["installed"] != 3.0 {
			t.Errorf("the list: %v", l)
		}

		audience := map[string]any{"listIds": []string{list}, "excludeListIds": []string{out}}
		if n := api.OK(200, "POST", "/audience/count", audience); n["total"] != 4.0 || n["installed"] != 2.0 || n["notInstalled"] != 1.0 || n["unknown"] != 1.0 {
			t.Errorf("audience: %v", n)
		}
		id := api.Create("Payments", "message", text("Hello [FIRSTNAME], [MONTO] until [FECHA]"), audience)
		api.OK(202, "POST", "/campaigns/"+id+"/send", map[string]any{"at": nil})
		api.Await(id, "completed")
		for i, want := range map[int]string{1: "Hello Carlos0, 1050,5 until 2016-12-20", 2: "Hello Carlos1, 1150,5 until 2016-12-21"} {
			if n := len(h.Cloud.Saw(users[i].ID, want)); n != 1 {
				t.Errorf("%s has %q %d times: %v", users[i].UPN, want, n, h.Cloud.Chat(users[i].ID))
			}
		}
		if seen := h.Cloud.Saw(users[3].ID, "until"); len(seen) != 0 {
			t.Errorf("an excluded person got %s", seen[0].Activity)
		}
		report := api.OK(200, "GET", "/campaigns/"+id+"/report", nil)
		if n := counts(t, report); n["total"] != 4 || n["sent"] != 2 || n["skipped"] != 2 {
			t.Errorf("report: %v", report)
		}
		recipients := api.Do("GET", "/campaigns/"+id+"/recipients", nil).Raw
		if !strings.Contains(recipients, `"email":"ghost@contoso.example","displayName":"","status":"skipped","reason":"user_not_found"`) || strings.Contains(recipients, users[3].UPN) {
			t.Errorf("recipients: %s", recipients)
		}

		h.Stop()
		h.Again()
		if raw := api.Do("GET", "/lists/"+list+"/members.csv", nil).Raw; !strings.Contains(raw, "ghost@contoso.example,Carlos4,") || strings.Count(raw, "\n") != 6 {
			t.Errorf("after a restart: %s", raw)
		}
		api.OK(204, "DELETE", "/lists/"+list, nil)
		if n := counts(t, api.OK(200, "GET", "/campaigns/"+id+"/report", nil)); n["sent"] != 2 {
			t.Errorf("without its list the report is %v", n)
		}
	})
}
