package app

import (
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"herald/campaigns/delivery"
)

// metrics are what /metrics shows.
type metrics struct {
	registry   *prometheus.Registry
	messages   *prometheus.CounterVec
	sendTime   prometheus.Histogram
	claimTime  prometheus.Histogram
	recordTime prometheus.Histogram
	lateness   prometheus.Histogram
	activities *prometheus.CounterVec
}

func newMetrics() *metrics {
	m := &metrics{
		registry:   prometheus.NewRegistry(),
		messages:   prometheus.NewCounterVec(prometheus.CounterOpts{Name: "herald_messages_total", Help: "Attempts to send a campaign's message, by what became of them."}, []string{"status", "reason"}),
		sendTime:   prometheus.NewHistogram(prometheus.HistogramOpts{Name: "herald_send_seconds", Help: "Time on the wire of one attempt, in seconds.", Buckets: []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30}}),
		claimTime:  prometheus.NewHistogram(prometheus.HistogramOpts{Name: "herald_claim_seconds", Help: "Time of one claim of due deliveries from the queue that found some, in seconds.", Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .5, 1}}),
		recordTime: prometheus.NewHistogram(prometheus.HistogramOpts{Name: "herald_record_seconds", Help: "Time of one write of outcomes to the ledger, in seconds.", Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5}}),
		lateness:   prometheus.NewHistogram(prometheus.HistogramOpts{Name: "herald_lateness_seconds", Help: "How long after its due moment an attempt began, in seconds. While a tenant's rate holds messages back, it is the time they waited for it.", Buckets: []float64{.01, .05, .1, .5, 1, 5, 15, 60, 300, 900, 3600, 21600}}),
		activities: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "herald_activities_total", Help: "Activities that arrived from Teams, by type and answer."}, []string{"type", "status"}),
	}
	m.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), m.messages, m.sendTime, m.claimTime, m.recordTime, m.lateness, m.activities)
	return m
}

// Claimed implements delivery.Observer.
func (m *metrics) Claimed(_ int, took time.Duration) { m.claimTime.Observe(took.Seconds()) }

// Sent implements delivery.Observer.
func (m *metrics) Sent(r delivery.Result, took, late time.Duration) {
	m.messages.WithLabelValues(string(r.Status), string(r.Reason)).Inc()
	m.sendTime.Observe(took.Seconds())
	m.lateness.Observe(late.Seconds())
}

// Recorded implements delivery.Observer.
func (m *metrics) Recorded(_ int, took time.Duration) { m.recordTime.Observe(took.Seconds()) }

// knownActivities bounds the label: a type is whatever the sender wrote.
var knownActivities = map[string]bool{"message": true, "conversationUpdate": true, "installationUpdate": true, "invoke": true, "event": true, "messageReaction": true, "refused": true, "invalid": true}

func (m *metrics) activity(kind string, status int) {
	if !knownActivities[kind] {
		kind = "other"
	}
	m.activities.WithLabelValues(kind, strconv.Itoa(status)).Inc()
}
