// Package app puts Herald together: configuration, logging, metrics, HTTP server,
// and the wiring of everything else. It is the only place that knows concrete types
// of every package.
//
// Start reading at Serve.
package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/mux"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/redis/go-redis/v9"

	"herald/bot"
	"herald/bot/auth"
	"herald/bot/connector"
	"herald/bot/conversation"
	"herald/bot/visit"
	"herald/campaigns"
	"herald/campaigns/delivery"
	"herald/campaigns/track"
	"herald/graph"
	"herald/infra/queue"
	"herald/infra/sandbox"
	"herald/infra/store"
	"herald/manifest"
	"herald/tab"
	tabauth "herald/tab/auth"
	"herald/tab/web"
)

const (
	// lease is how long the deliveries of a killed worker wait for another one. A living
	// one renews its leases.
	lease = 30 * time.Second
	// stale is longer than the slowest attempt, which makes a chat and sends twice.
	stale = 2 * time.Minute
	// parallel is how many messages may be on the wire at once per process.
	parallel = 64
	// drain bounds how long open requests may take when Herald stops.
	drain = 10 * time.Second
	// directoryEvery is how often the copy of each tenant's directory is refreshed.
	directoryEvery = time.Hour
)

// app is a running Herald.
type app struct {
	cfg             Config
	log             *slog.Logger
	env             *environment
	clock           *clock
	db              *store.DB
	redis           redis.UniversalClient
	queue           *queue.Queue
	roster          *campaigns.Roster
	metrics         *metrics
	listener        net.Listener
	metricsListener net.Listener // nil: the metrics are at the other one
	closing         chan struct{}
	closers         []func() error // run in reverse
}

// Serve runs Herald until ctx ends, then finishes what is on the wire.
func Serve(ctx context.Context, cfg Config, log *slog.Logger) error {
	// A worker at full speed makes garbage quickly and keeps little: a fifth of its time went into collecting it. Memory that
	// is never touched, and so never resident, lets the collector wait until there is about as much garbage as that.
	ballast := make([]byte, 48<<20)
	defer runtime.KeepAlive(ballast)
	a := &app{cfg: cfg, log: log, metrics: newMetrics(), closing: make(chan struct{})}
	defer a.close()
	if err := a.open(ctx); err != nil {
		return err
	}
	return a.run(ctx)
}

func (a *app) onClose(f func() error) { a.closers = append(a.closers, f) }

func (a *app) close() {
	for i := len(a.closers) - 1; i >= 0; i-- {
		if err := a.closers[i](); err != nil {
			a.log.Warn("not closed cleanly", "err", err)
		}
	}
}

// open acquires everything in the order in which it is needed.
func (a *app) open(ctx context.Context) error {
	if err := os.MkdirAll(a.cfg.DataDir, 0o700); err != nil {
		return fmt.Errorf("HERALD_DATA_DIR cannot be used: %w", err)
	}
	var err error
	if a.listener, err = net.Listen("tcp", a.cfg.Addr); err != nil {
		return fmt.Errorf("HERALD_ADDR cannot be listened on: %w (is Herald running already?)", err)
	}
	a.onClose(func() error {
		if err := a.listener.Close(); !errors.Is(err, net.ErrClosed) {
			return err
		}
		return nil
	})
	if a.cfg.MetricsAddr != "" {
		if a.metricsListener, err = net.Listen("tcp", a.cfg.MetricsAddr); err != nil {
			return fmt.Errorf("HERALD_METRICS_ADDR cannot be listened on: %w", err)
		}
		a.onClose(func() error {
			if err := a.metricsListener.Close(); !errors.Is(err, net.ErrClosed) {
				return err
			}
			return nil
		})
	}
	if a.cfg.PublicURL == "" {
		a.cfg.PublicURL = "http://" + a.listener.Addr().String()
	}
	if err := a.openEnvironment(ctx); err != nil {
		return err
	}
	a.clock = &clock{url: a.env.clockURL, client: &http.Client{}, log: a.log}
	if a.clock.url != "" {
		if err := a.clock.sync(ctx); err != nil {
			return fmt.Errorf("the sandbox's clock does not answer: %w", err)
		}
	}
	if a.db, err = store.Open(ctx, a.cfg.DatabaseURL, a.cfg.DataDir, a.log); err != nil {
		return err
	}
	a.onClose(a.db.Close)
	return a.openQueue(ctx)
}

func (a *app) openEnvironment(ctx context.Context) (err error) {
	if a.cfg.Mode == ModeCloud {
		a.env, err = realCloud(a.cfg)
		return err
	}
	url := a.cfg.SandboxURL
	if url == "" {
		self := "http://" + a.listener.Addr().String()
		cloud, err := StartSandbox(a.cfg, self+"/api/messages", self+"/tab/", a.log)
		if err != nil {
			return err
		}
		a.onClose(cloud.Close)
		url = cloud.URL()
	}
	if a.env, err = simulatedCloud(ctx, url); err != nil {
		return err
	}
	a.onClose(func() error { a.env.client().CloseIdleConnections(); return nil })
	return nil
}

// StartSandbox starts the simulated cloud on its own port.
func StartSandbox(cfg Config, botURL, tabURL string, log *slog.Logger) (*sandbox.Cloud, error) {
	cloud, err := sandbox.New(sandbox.Options{Users: cfg.SandboxUsers, StateDir: filepath.Join(cfg.DataDir, "sandbox"), BotURL: botURL, TabURL: tabURL, Logger: log.With("part", "sandbox")})
	if err != nil {
		return nil, err
	}
	if err := cloud.Start(cfg.SandboxAddr); err != nil {
		_ = cloud.Close()
		return nil, fmt.Errorf("HERALD_SANDBOX_ADDR cannot be listened on: %w", err)
	}
	return cloud, nil
}

func (a *app) openQueue(ctx context.Context) error {
	var err error
	if a.cfg.RedisURL == "" {
		var stop func() error
		if a.redis, stop, err = queue.Embedded(ctx); err != nil {
			return err
		}
		a.onClose(stop)
	} else {
		if a.redis, err = queue.Open(ctx, a.cfg.RedisURL); err != nil {
			return fmt.Errorf("HERALD_REDIS_URL cannot be used: %w", err)
		}
		a.onClose(a.redis.Close)
	}
	a.queue = queue.New(a.redis, queue.Options{Lease: lease, Rate: queueRate(a.cfg.Rate), Skew: a.clock.skew, Logger: a.log.With("part", "queue")})
	a.onClose(func() error { a.queue.Close(); return nil })
	a.clock.onMove(a.queue.Poke)
	a.metrics.registry.MustRegister(&stock{rate: a.cfg.Rate, queue: a.queue.Stats, backlog: a.db.Backlog, log: a.log.With("part", "metrics")})
	return nil
}

// queueRate is HERALD_RATE as the queue takes it: there zero is the default, and less is unlimited.
func queueRate(perSecond int) int {
	if perSecond == 0 {
		return -1
	}
	return perSecond
}

// run wires the parts and waits for the end.
func (a *app) run(ctx context.Context) error {
	directory, err := a.env.directory(graph.Config{Clock: a.clock.now, Logger: a.log.With("part", "graph")})
	if err != nil {
		return err
	}
	client, err := connector.New(connector.Config{
		Credential: a.env.credential, Scope: a.env.botScope, Cloud: a.env.connectorCloud, AllowedHosts: a.env.serviceHosts,
		PlaygroundLoopback: a.cfg.Mode == ModePlayground, Transport: a.env.transport, Clock: a.clock.now, Logger: a.log.With("part", "connector"),
	})
	if err != nil {
		return err
	}
	defer client.Close()
	apps := &graph.Apps{Directory: directory, ManifestID: a.env.appID}
	tabs := &tabLinks{teams: a.env.teamsURL, appID: a.env.appID, catalog: apps.CatalogID, now: a.clock.now}
	messenger := &bot.Messenger{Client: client, BotID: "28:" + a.env.appID, ServiceURL: a.env.serviceURL, TabURL: tabs.of, Now: a.clock.now}
	notifier := campaigns.NewNotifier(a.db, messenger, a.clock.now, a.log.With("part", "notices"))
	a.clock.onMove(notifier.Poke)
	a.roster = &campaigns.Roster{Store: a.db, Directory: directory, Now: a.clock.now, Log: a.log}
	key := []byte(a.cfg.LinkKey)
	if len(key) == 0 {
		if key, err = a.db.Secret(ctx, "links"); err != nil {
			return err
		}
	}
	settings := campaigns.Settings{AssetsURL: a.cfg.PublicURL, ApprovalAbove: a.cfg.ApprovalAbove, RetentionDays: a.cfg.RetentionDays, Rate: a.cfg.Rate, LinkSigner: track.New(key)}
	links := campaigns.NewLinks(a.db, settings, a.clock.now, a.log.With("part", "links"))
	installer := campaigns.NewInstaller(a.db, apps, a.clock.now, a.log.With("part", "installer"))
	installer.BotID, installer.ServiceURL = messenger.BotID, messenger.ServiceURL
	installer.Greet = (&bot.Greeter{Store: a.db, Sender: client, AssetsURL: a.cfg.PublicURL, Log: a.log.With("part", "installer")}).Greet
	a.clock.onMove(installer.Poke)
	service := &campaigns.Service{Apps: apps, Installer: installer, Store: a.db, Queue: a.queue, Messenger: messenger, Notify: notifier.Poke, Roster: a.roster, Presence: directory, Settings: settings, Now: a.clock.now, Log: a.log}

	janitor := campaigns.NewJanitor(a.db, a.cfg.RetentionDays, a.clock.now, a.log.With("part", "janitor"))
	a.clock.onMove(janitor.Poke)

	// Parts stop in this order: HTTP first, then the engine, which finishes what is on the
	// wire; the connector, the stores and the sandbox are closed after them.
	work, stopWork := context.WithCancel(context.WithoutCancel(ctx))
	defer stopWork()
	var parts sync.WaitGroup
	defer parts.Wait()
	defer stopWork()
	if a.clock.url != "" {
		parts.Go(func() { a.clock.follow(work) })
	}
	parts.Go(func() { notifier.Run(work) })
	if a.cfg.Role != RoleWeb {
		engine, err := delivery.New(delivery.Config{
			Queue: a.queue, Ledger: a.db, Messenger: messenger, Returns: messenger, Roster: a.roster, Settings: settings,
			Presence: directory, Zones: &campaigns.ZoneKeeper{Store: a.db, Source: directory, Now: a.clock.now, Log: a.log.With("part", "zones")},
			Lease: lease, Stale: stale, Parallel: parallel, Now: a.clock.now, Log: a.log.With("part", "delivery"), Observer: a.metrics,
		})
		if err != nil {
			return err
		}
		a.clock.onMove(engine.Poke)
		parts.Go(func() { engine.Run(work) })
		parts.Go(func() { a.readDirectories(work) })
		parts.Go(func() { janitor.Run(work) })
		parts.Go(func() { installer.Run(work) })
	}
	if a.cfg.Role != RoleWorker {
		parts.Go(func() { links.Run(work) })
	}
	server := &http.Server{
		Handler:           surviving(a.log, a.clock.dated(patient(secured(isHTTPS(a.cfg.PublicURL), a.routes(service, links, messenger, client))))),
		ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
		ErrorLog: slog.NewLogLogger(a.log.Handler(), slog.LevelDebug),
	}
	failed := make(chan error, 2)
	go func() { failed <- server.Serve(a.listener) }()
	if a.metricsListener != nil {
		metrics := a.serveMetrics()
		defer metrics.Close()
		go func() { failed <- metrics.Serve(a.metricsListener) }()
		a.log.Info("metrics", "address", "http://"+a.metricsListener.Addr().String()+"/metrics")
	}
	a.log.Info("Herald listens", "address", "http://"+a.listener.Addr().String(), "public", a.cfg.PublicURL, "mode", a.cfg.Mode, "role", a.cfg.Role)
	select {
	case err := <-failed:
		return fmt.Errorf("http server: %w", err)
	case <-ctx.Done():
	}
	a.log.Info("stopping: what is on the wire is finished first")
	close(a.closing)
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), drain)
	defer cancel()
	if err := server.Shutdown(stop); err != nil {
		_ = server.Close()
	}
	stopWork()
	parts.Wait()
	a.roster.Close()
	a.log.Info("stopped")
	return nil
}

// readDirectories keeps the copy of each tenant's people fresh, so that counting an
// audience and planning a campaign need not wait for it.
func (a *app) readDirectories(ctx context.Context) {
	t := time.NewTicker(directoryEvery)
	defer t.Stop()
	for {
		for _, tenant := range a.env.allowedTenants {
			if err := a.roster.Sync(ctx, tenant, directoryEvery/2); err != nil && ctx.Err() == nil {
				a.log.WarnContext(ctx, "directory not read; audiences hold only people the bot has met", "tenant", tenant, "err", err)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
	}
}

func (a *app) routes(service *campaigns.Service, links *campaigns.Links, messenger *bot.Messenger, client *connector.Client) http.Handler {
	root := mux.NewRouter()
	root.Path("/healthz").Methods("GET").HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write([]byte("ok\n")) })
	root.Path("/readyz").Methods("GET").HandlerFunc(a.ready)
	if a.metricsListener == nil {
		root.Path("/metrics").Methods("GET").Handler(local(a.metricsHandler()))
	}
	if a.cfg.Role == RoleWorker {
		return root
	}
	marks := &marker{db: a.db, now: a.clock.now, log: a.log}
	peers, refusals, people := newLimiter(peerRate, peerBurst), newLimiter(refusedRate, refusedBurst), newLimiter(personRate, personBurst)
	host := strings.TrimPrefix(strings.TrimPrefix(a.cfg.PublicURL, "https://"), "http://")
	teams := &bot.Bot{
		Verifier: auth.New(auth.Config{
			AppID: a.env.appID, Issuer: a.env.botIssuer, MetadataURL: a.env.botMetadataURL, AllowedTenants: a.env.allowedTenants,
			RequireEndorsement: "msteams", Clock: a.clock.now, HTTPClient: a.env.client(), Logger: a.log.With("part", "bot"),
		}),
		Book:       &conversation.Book{Store: a.db, Roster: messenger, Now: a.clock.now, Log: a.log},
		Sender:     client,
		Surveys:    service,
		Later:      service,
		Decider:    service,
		Playground: bot.Playground{Enabled: a.cfg.Mode == ModePlayground, Tenants: a.env.allowedTenants},
		AssetsURL:  a.cfg.PublicURL, Now: a.clock.now, Log: a.log.With("part", "bot"), Observe: a.metrics.activity,
		Accepted: func(ctx context.Context, tenant string) { marks.saw(ctx, tenant, markBot, "") },
	}
	root.Path("/api/messages").Methods("POST").Handler(guarded(refusals, teams))
	page := &tab.Server{
		Service: service,
		Verifier: tabauth.New(tabauth.Config{
			AppID: a.env.appID, AuthorityHost: a.env.authorityHost, V1Issuer: a.env.v1Issuer, AllowedTenants: a.env.allowedTenants,
			Audiences: []string{"api://" + strings.ToLower(host) + "/botid-" + a.env.appID, "api://" + strings.ToLower(host) + "/" + a.env.appID, "api://botid-" + a.env.appID},
			Clock:     a.clock.now, HTTPClient: a.env.client(), Logger: a.log.With("part", "tab"),
		}),
		Config:  tab.Config{AppID: a.env.appID, HostOrigins: a.env.tabHosts, Mode: string(a.cfg.Mode), BotName: "Herald", SendLaterMaxHours: 144},
		Page:    web.FS(),
		Log:     a.log.With("part", "tab"),
		Closing: a.closing,
		Admin:   &wellness{app: a, looks: looks{now: a.clock.now}},
		Limit:   people.take,
		Opened: func(ctx context.Context, tenant, host string) {
			marks.saw(ctx, tenant, markPage, strings.ToLower(host))
		},
	}
	root.PathPrefix(track.Path).Handler(&visit.Handler{Links: links, Log: a.log.With("part", "links")})
	icon := manifest.ColorIcon()
	root.Path("/assets/icon-color.png").Methods("GET", "HEAD").HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "image/png")
		w.Header().Set("Cache-Control", "public, max-age=86400")
		_, _ = w.Write(icon)
	})
	root.PathPrefix("/about/").Handler(manifest.About("Herald", ""))
	page.Routes(root)
	open, signedIn := limited(peers, root), guarded(refusals, root)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch path := r.URL.Path; {
		case path == "/healthz", path == "/readyz", path == "/metrics", path == "/api/messages":
			root.ServeHTTP(w, r)
		case strings.HasPrefix(path, "/api/"):
			signedIn.ServeHTTP(w, r)
		default:
			open.ServeHTTP(w, r)
		}
	})
}

func (a *app) metricsHandler() http.Handler {
	return promhttp.HandlerFor(a.metrics.registry, promhttp.HandlerOpts{})
}

// serveMetrics gives the metrics their own listener, where no proxy leads.
func (a *app) serveMetrics() *http.Server {
	m := http.NewServeMux()
	m.Handle("GET /metrics", a.metricsHandler())
	return &http.Server{
		Handler: m, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: writeWait, IdleTimeout: 2 * time.Minute,
		ErrorLog: slog.NewLogLogger(a.log.Handler(), slog.LevelDebug),
	}
}

// ready says whether this process can do its work: the database and Redis answer.
func (a *app) ready(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 3*time.Second)
	defer cancel()
	status := http.StatusOK
	var lines []string
	for _, c := range []struct {
		name string
		ping func(context.Context) error
	}{{"database", a.db.Ping}, {"redis", func(ctx context.Context) error { return a.redis.Ping(ctx).Err() }}} {
		if err := c.ping(ctx); err != nil {
			status = http.StatusServiceUnavailable
			lines = append(lines, c.name+": does not answer")
			a.log.WarnContext(ctx, "not ready", "part", c.name, "err", err)
			continue
		}
		lines = append(lines, c.name+": ok")
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(strings.Join(lines, "\n") + "\n"))
}
