package app

import (
	"context"
	"log/slog"
	"slices"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"herald/campaigns"
	"herald/campaigns/delivery"
	"herald/infra/queue"
	"herald/infra/store"
)

// scrapeTimeout bounds what a scrape asks of Redis, and what it asks of the database.
const scrapeTimeout = 2 * time.Second

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

// Reasons why a message is tried again, and, when that was in vain or for the others at once, failed.
var (
	passing = []campaigns.Reason{campaigns.Throttled, campaigns.ServiceError, campaigns.Unreachable}
	lasting = []campaigns.Reason{campaigns.NotInstalled, campaigns.UserNotFound, campaigns.BlockedByUser, campaigns.DisabledByAdmin, campaigns.MissingData, campaigns.TooLarge,
		campaigns.BotUnauthorized, campaigns.BadRequest, campaigns.Unconfirmed, campaigns.ConversationGone}
)

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
	// There from the start: what begins with its first event is no increase to Prometheus, and the first failure would be missed.
	m.messages.WithLabelValues(string(campaigns.DeliverySent), "")
	for _, r := range passing {
		m.messages.WithLabelValues(string(campaigns.DeliveryRescheduled), string(r))
	}
	for _, r := range slices.Concat(lasting, passing) {
		m.messages.WithLabelValues(string(campaigns.DeliveryFailed), string(r))
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

// sharedNote ends the help of what every process reads from the same Redis or database.
const sharedNote = " Every process of a deployment answers the same: read it with max, not sum."

func shared(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(name, help+sharedNote, labels, nil)
}

var (
	queueUp    = prometheus.NewDesc("herald_queue_up", "1 when Redis answered this process at this scrape, else 0; then the other gauges of the queue are missing.", nil, nil)
	databaseUp = prometheus.NewDesc("herald_database_up", "1 when the database answered this process at this scrape, else 0; then herald_campaigns and herald_deliveries_open are missing.", nil, nil)

	queueDue      = shared("herald_queue_due", "Deliveries in the queue whose moment has come. Of each campaign at most a window of 2000 lies in the queue, the rest waits in the database: see herald_deliveries_open.", "tenant")
	queueWaiting  = shared("herald_queue_waiting", "Deliveries in the queue whose moment comes within the next seconds; later ones wait in the database.", "tenant")
	queueInFlight = shared("herald_queue_in_flight", "Deliveries that a worker has in hand.", "tenant")
	queueLag      = shared("herald_queue_lag_seconds", "How long ago the moment of the oldest due delivery was, in seconds; 0 when none is due. While a tenant's rate holds messages back it grows with the campaign.", "tenant")
	rateInForce   = shared("herald_rate_in_force", "Sends per second that the tenant may make now, over all workers: HERALD_RATE, or less after Teams answered 429. 0: unlimited.", "tenant")
	rateLimit     = shared("herald_rate_limit", "HERALD_RATE of this process, in sends per second per tenant. 0: unlimited.")
	tenantPaused  = shared("herald_tenant_paused_seconds", "How much longer nothing is sent to the tenant because nothing gets through to Teams, in seconds; 0: it is not paused.", "tenant")
	startsDue     = shared("herald_starts_due", "Campaigns whose moment has come and that no worker has taken yet.")
	startsWaiting = shared("herald_starts_waiting", "Campaigns that wait for their moment.")

	openCampaigns  = shared("herald_campaigns", "Open campaigns by status; stopped ones are open while attempts are on the wire.", "status")
	openDeliveries = shared("herald_deliveries_open", "Deliveries of open campaigns that are not final, by status.", "status")
)

// stock reads at each scrape what stands in Redis and in the database. One that does not answer never
// fails the scrape: that is when the other metrics are needed most.
type stock struct {
	rate    int // HERALD_RATE
	queue   func(context.Context) (queue.Stats, error)
	backlog func(context.Context) (store.Backlog, error)
	log     *slog.Logger
}

// Describe implements prometheus.Collector.
func (s *stock) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{queueUp, databaseUp, queueDue, queueWaiting, queueInFlight, queueLag, rateInForce, rateLimit, tenantPaused, startsDue, startsWaiting, openCampaigns, openDeliveries} {
		ch <- d
	}
}

// Collect implements prometheus.Collector.
func (s *stock) Collect(ch chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	gauge(rateLimit, float64(s.rate))
	if q, err := within(s.queue); err != nil {
		s.log.Debug("metrics of the queue not read", "err", err)
		gauge(queueUp, 0)
	} else {
		gauge(queueUp, 1)
		gauge(startsDue, float64(q.Starts.Due))
		gauge(startsWaiting, float64(q.Starts.Waiting))
		for tenant, t := range q.Tenants {
			gauge(queueDue, float64(t.Due), tenant)
			gauge(queueWaiting, float64(t.Waiting), tenant)
			gauge(queueInFlight, float64(t.InFlight), tenant)
			gauge(queueLag, t.Lag.Seconds(), tenant)
			gauge(rateInForce, float64(t.Rate), tenant)
			gauge(tenantPaused, t.Paused.Seconds(), tenant)
		}
	}
	if b, err := within(s.backlog); err != nil {
		s.log.Debug("metrics of the database not read", "err", err)
		gauge(databaseUp, 0)
	} else {
		gauge(databaseUp, 1)
		for _, status := range []campaigns.Status{campaigns.Scheduled, campaigns.Sending, campaigns.Stopped} {
			gauge(openCampaigns, float64(b.Campaigns[status]), string(status))
		}
		gauge(openDeliveries, float64(b.Pending), string(campaigns.DeliveryPending))
		gauge(openDeliveries, float64(b.Sending), string(campaigns.DeliverySending))
		gauge(openDeliveries, float64(b.Rescheduled), string(campaigns.DeliveryRescheduled))
	}
}

// within asks for no longer than a scrape may take; a Collector is given no context of its own.
func within[T any](ask func(context.Context) (T, error)) (T, error) {
	ctx, cancel := context.WithTimeout(context.Background(), scrapeTimeout)
	defer cancel()
	return ask(ctx)
}
