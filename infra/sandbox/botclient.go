package sandbox

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// botClient posts activities to the bot's endpoint, each once, with a fresh enough token.
type botClient struct {
	http *http.Client
	own  *http.Transport // closed with the cloud

	mu      sync.Mutex
	botURL  string
	tabURL  string
	token   string
	renewAt time.Time
}

// The channel gives up on a slow bot after 15 s (platform.md §5: "generic 10-15 s then 504").
const botTimeout = 15 * time.Second

func newBotClient(botURL, tabURL string, transport http.RoundTripper) *botClient {
	b := &botClient{botURL: botURL, tabURL: tabURL}
	if transport == nil {
		b.own = http.DefaultTransport.(*http.Transport).Clone()
		b.own.Proxy, b.own.MaxIdleConnsPerHost = nil, 64
		transport = b.own
	}
	b.http = &http.Client{
		Transport: transport, Timeout: botTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return b
}

func (b *botClient) close() {
	if b.own != nil {
		b.own.CloseIdleConnections()
	}
}

func (b *botClient) address() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.botURL
}

// tab is where the tab is framed from.
func (b *botClient) tab() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.tabURL != "" || b.botURL == "" {
		return b.tabURL
	}
	u, err := url.Parse(b.botURL)
	if err != nil {
		return ""
	}
	return u.Scheme + "://" + u.Host + "/tab/"
}

func (b *botClient) set(botURL, tabURL string) error {
	for _, s := range []string{botURL, tabURL} {
		if u, err := url.Parse(s); s != "" && (err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https") {
			return &apiError{status: 400, code: "bad_url", message: fmt.Sprintf("%q is not an http or https address", s)}
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.botURL, b.tabURL = botURL, tabURL
	return nil
}

// BotError is a bot that could not be reached (Status 0) or that answered with an error.
type BotError struct {
	Activity string // type of the activity
	Status   int
	Body     string
	Err      error
}

func (e *BotError) Error() string {
	if e.Status == 0 {
		return fmt.Sprintf("the bot cannot be reached with %s: %v", e.Activity, e.Err)
	}
	return fmt.Sprintf("the bot answered %d to %s: %s", e.Status, e.Activity, e.Body)
}

func (e *BotError) Unwrap() error { return e.Err }

// bearer answers a token with at least ten minutes left.
func (c *Cloud) bearer() (string, error) {
	b := c.bot
	b.mu.Lock()
	defer b.mu.Unlock()
	now := c.Now()
	if b.token == "" || now.After(b.renewAt) {
		token, err := c.MintBotToken(BotToken{NotBefore: now, ExpiresAt: now.Add(tokenLife)})
		if err != nil {
			return "", err
		}
		b.token, b.renewAt = token, now.Add(tokenLife-10*time.Minute)
	}
	return b.token, nil
}

// post delivers an activity as Teams would. Without a bot nothing happens and status is 0.
func (c *Cloud) post(ctx context.Context, a activity) (status int, answer []byte, err error) {
	to := c.bot.address()
	if to == "" {
		return 0, nil, nil
	}
	token, err := c.bearer()
	if err != nil {
		return 0, nil, err
	}
	return c.Deliver(ctx, a, token)
}

// Deliver posts any activity with any token (none when it is empty) to the bot and answers what the bot said. An answer of
// 400 or above is a [*BotError] too.
func (c *Cloud) Deliver(ctx context.Context, a map[string]any, token string) (status int, answer []byte, err error) {
	kind := fmt.Sprint(a["type"])
	body, err := json.Marshal(a)
	if err != nil {
		return 0, nil, err
	}
	to := c.bot.address()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	req.Header.Set("User-Agent", "Microsoft-SkypeBotApi (Microsoft-BotFramework/3.0)")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	if conversation, ok := a["conversation"].(map[string]any); ok { // platform.md §1: hints; may be empty
		req.Header.Set("X-Ms-Conversation-Id", fmt.Sprint(conversation["id"]))
		req.Header.Set("X-Ms-Tenant-Id", fmt.Sprint(conversation["tenantId"]))
	}
	start, at := time.Now(), c.Now()
	defer func() {
		c.record(WireEntry{
			At: at, Direction: "to-bot", Method: req.Method, Path: pathOf(req.URL), Status: status,
			DurationMs: millis(time.Since(start)), Request: body, Response: clip(answer),
		})
	}()
	resp, err := c.bot.http.Do(req)
	if err != nil {
		return 0, nil, &BotError{Activity: kind, Err: err}
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err = io.ReadAll(io.LimitReader(resp.Body, maxBody))
	if err != nil {
		return 0, nil, &BotError{Activity: kind, Err: err}
	}
	if resp.StatusCode >= 300 {
		text := strings.TrimSpace(string(answer[:min(len(answer), 300)]))
		return resp.StatusCode, answer, &BotError{Activity: kind, Status: resp.StatusCode, Body: text}
	}
	return resp.StatusCode, answer, nil
}
