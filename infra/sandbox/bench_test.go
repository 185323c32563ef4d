package sandbox_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"sync/atomic"
	"testing"

	"herald/infra/sandbox"
)

// BenchmarkSend is the Connector over TLS keep-alive, chats stored: its sends per second bound what a load test of Herald
// can measure.
func BenchmarkSend(b *testing.B) {
	off := false
	c := start(b, sandbox.Options{Users: 1000, Faults: sandbox.Faults{ConversationLimits: &off}})
	if err := c.SetBot("", ""); err != nil {
		b.Fatal(err)
	}
	if _, err := c.InstallCount(context.Background(), sandbox.TenantContoso, -1); err != nil {
		b.Fatal(err)
	}
	var addresses []string
	for i := range 1000 {
		s, err := c.Status(c.person(i).ID)
		if err != nil {
			b.Fatal(err)
		}
		addresses = append(addresses, c.ServiceURL()+"v3/conversations/"+s.ConversationID+"/activities")
	}
	body, err := json.Marshal(message("Good morning, this is a message of a believable length for a campaign."))
	if err != nil {
		b.Fatal(err)
	}
	var next atomic.Int64
	b.SetParallelism(16)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			req, err := http.NewRequest(http.MethodPost, addresses[next.Add(1)%1000], bytes.NewReader(body))
			if err != nil {
				b.Error(err)
				return
			}
			req.Header.Set("Authorization", "Bearer "+c.token)
			resp, err := c.client.Do(req)
			if err != nil {
				b.Error(err)
				return
			}
			_, _ = io.Copy(io.Discard, resp.Body)
			_ = resp.Body.Close()
			if resp.StatusCode != 200 {
				b.Errorf("status %d", resp.StatusCode)
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "sends/s")
}

// BenchmarkSearch looks for a name and for a fragment with a digit, the slow kind, among a million people.
func BenchmarkSearch(b *testing.B) {
	c := start(b, sandbox.Options{Users: 1_000_000})
	for name, q := range map[string]string{"name": "renee", "digits": "n77", "page": ""} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				c.api(200, "GET", "/api/users?limit=20&q="+q, nil)
			}
		})
	}
}

// BenchmarkGraphSearch is one letter of an author who looks for somebody among a million.
func BenchmarkGraphSearch(b *testing.B) {
	c := start(b, sandbox.Options{Users: 1_000_000})
	for name, search := range map[string]string{"many": "a", "one": c.person(999_999).Mail, "nobody": "xyzzy"} {
		b.Run(name, func(b *testing.B) {
			text := url.QueryEscape(`"displayName:` + search + `" OR "mail:` + search + `" OR "userPrincipalName:` + search + `"`)
			for b.Loop() {
				if r := c.do("GET", c.Environment().GraphURL+"/users?$top=10&$search="+text, c.graph, nil, "ConsistencyLevel", "eventual"); r.status != 200 {
					b.Fatal(r.status)
				}
			}
		})
	}
}
