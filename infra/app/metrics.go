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
	activities *prometheus.CounterVec
}

func newMetrics() *metrics {
	m := &metrics{
		registry:   prometheus.NewRegistry(),
		messages:   prometheus.NewCounterVec(prometheus.CounterOpts{Name: "herald_messages_total", Help: "Attempts to send a campaign's message, by what became of them."}, []string{"status", "reason"}),
		sendTime:   prometheus.NewHistogram(prometheus.HistogramOpts{Name: "herald_send_seconds", Help: "Time on the wire of one attempt, in seconds.", Buckets: []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30}}),
		activities: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "herald_activities_total", Help: "Activities that arrived from Teams, by type and answer."}, []string{"type", "status"}),
	}
	m.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), m.messages, m.sendTime, m.activities)
	return m
}

func (m *metrics) sent(r delivery.Result, took time.Duration) {
	m.messages.WithLabelValues(string(r.Status), string(r.Reason)).Inc()
	m.sendTime.Observe(took.Seconds())
}

// knownActivities bounds the label: a type is whatever the sender wrote.
var knownActivities = map[string]bool{"message": true, "conversationUpdate": true, "installationUpdate": true, "invoke": true, "event": true, "messageReaction": true, "refused": true, "invalid": true}

func (m *metrics) activity(kind string, status int) {
	if !knownActivities[kind] {
		kind = "other"
	}
	m.activities.WithLabelValues(kind, strconv.Itoa(status)).Inc()
}
