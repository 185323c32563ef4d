package queue

import (
	"strings"

	"herald/campaigns/delivery"
)

// keys names everything in Redis. A tenant's keys share the hash tag
// {t:<tenant>}, the starts of all tenants share {starts}, so that every
// script stays in one slot of a cluster. Tenant ids are GUIDs: they hold neither braces nor slashes.
//
//	<prefix>tenants            set     tenants that were ever fed; few, never removed
//	<prefix>epoch              string  mark of this life of the data
//	<prefix>{starts}:due       zset    tenant/campaign → moment of its start, or end of its lease
//	<prefix>{starts}:tokens    hash    tenant/campaign → token, while leased
//	<prefix>{t:T}:state        hash    pause, pace, turn, share, hold, cut
//	<prefix>{t:T}:log          list    moments of the last Rate claims
//	<prefix>{t:T}:ready        zset    campaigns with something due, by turn
//	<prefix>{t:T}:sleep        zset    other campaigns that wait, by their first moment
//	<prefix>{t:T}:leased       zset    campaigns with leases, by the first end
//	<prefix>{t:T}:w:C          zset    delivery → due moment
//	<prefix>{t:T}:l:C          zset    delivery → end of its lease
//	<prefix>{t:T}:k:C          hash    delivery → token of its lease
//	<prefix>{t:T}:c:K:N        hash    person → moment from which their chat is as if never written to (see admit.lua)
//	<prefix>wake               channel tenant, or * for starts: something is due sooner
//
// Moments are microseconds since 1970. The ends of leases, and what indexes them, are on Redis' own clock, as the log and the
// moments of chats are; the others carry the skew.
type keys struct{ prefix string }

func (k keys) tenants() string     { return k.prefix + "tenants" }
func (k keys) epoch() string       { return k.prefix + "epoch" }
func (k keys) wake() string        { return k.prefix + "wake" }
func (k keys) startDue() string    { return k.prefix + "{starts}:due" }
func (k keys) startTokens() string { return k.prefix + "{starts}:tokens" }

func (k keys) starts() []string { return []string{k.startDue(), k.startTokens()} }

func (k keys) tenant(t string) string { return k.prefix + "{t:" + t + "}:" }
func (k keys) state(t string) string  { return k.tenant(t) + "state" }
func (k keys) ready(t string) string  { return k.tenant(t) + "ready" }
func (k keys) sleep(t string) string  { return k.tenant(t) + "sleep" }
func (k keys) leased(t string) string { return k.tenant(t) + "leased" }

func (k keys) log(t string) string { return k.tenant(t) + "log" }

// clockwork is KEYS of claim and peek.
func (k keys) clockwork(t string) []string {
	return []string{k.state(t), k.log(t), k.ready(t), k.sleep(t), k.leased(t)}
}

func (k keys) waiting(c delivery.Key) string { return k.tenant(c.TenantID) + "w:" + c.CampaignID }
func (k keys) leases(c delivery.Key) string  { return k.tenant(c.TenantID) + "l:" + c.CampaignID }
func (k keys) tokens(c delivery.Key) string  { return k.tenant(c.TenantID) + "k:" + c.CampaignID }

func (k keys) chats(t string) string { return k.tenant(t) + "c:" }

// member names a campaign among the starts of all tenants.
func member(k delivery.Key) string { return k.TenantID + "/" + k.CampaignID }

func parseMember(s string) (delivery.Key, bool) {
	t, c, ok := strings.Cut(s, "/")
	return delivery.Key{TenantID: t, CampaignID: c}, ok
}
