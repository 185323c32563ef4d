package sandbox

import (
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"
)

// hub hands events to open streams. A slow reader misses events instead of slowing the cloud: each event says only that
// something changed (or carries a wire entry), and readers fetch the state when they connect.
type hub struct {
	mu     sync.Mutex
	topics map[string]map[chan event]struct{}
}

type event struct {
	name string
	id   int64
	data any
}

const topicState, topicWire = "state", "wire"

func topicChat(user string) string { return "chat " + user }

func newHub() *hub { return &hub{topics: map[string]map[chan event]struct{}{}} }

func (h *hub) publish(topic, name string, data any) { h.send(topic, event{name: name, data: data}) }

func (h *hub) send(topic string, e event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for ch := range h.topics[topic] {
		select {
		case ch <- e:
		default:
		}
	}
}

func (h *hub) subscribe(topics ...string) (events <-chan event, cancel func()) {
	ch := make(chan event, 256)
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, topic := range topics {
		if h.topics[topic] == nil {
			h.topics[topic] = map[chan event]struct{}{}
		}
		h.topics[topic][ch] = struct{}{}
	}
	return ch, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		for _, topic := range topics {
			delete(h.topics[topic], ch)
			if len(h.topics[topic]) == 0 {
				delete(h.topics, topic)
			}
		}
	}
}

const keepAlive = 15 * time.Second

// maxStreamedChats is more than any page shows at once.
const maxStreamedChats = 50

// streamChats serves the chats of everybody named by a user parameter as one stream: a browser allows six connections to a
// host, and a page that shows three chats needs some for other things.
func (c *Cloud) streamChats(w http.ResponseWriter, r *http.Request) {
	users := r.URL.Query()["user"]
	if len(users) > maxStreamedChats {
		writeError(w, badRequest("one stream takes at most %d users", maxStreamedChats))
		return
	}
	if len(users) == 0 {
		users = []string{""} // refused below, as any unknown person
	}
	topics := make([]string, len(users))
	for i, user := range users {
		p, err := c.Person(user)
		if err != nil {
			writeError(w, err)
			return
		}
		topics[i] = topicChat(p.ID)
	}
	c.stream(w, r, topics...)
}

// stream serves topics as server-sent events until the reader or the cloud goes away.
func (c *Cloud) stream(w http.ResponseWriter, r *http.Request, topics ...string) {
	events, cancel := c.events.subscribe(topics...)
	defer cancel()
	out := http.NewResponseController(w)
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = fmt.Fprint(w, ": open\n\n") // the subscription stands when the reader sees this
	if out.Flush() != nil {
		return
	}
	tick := time.NewTicker(keepAlive)
	defer tick.Stop()
	for {
		var err error
		select {
		case <-r.Context().Done():
			return
		case <-c.lifetime.Done():
			return
		case <-tick.C:
			_, err = fmt.Fprint(w, ": alive\n\n")
		case e := <-events:
			var data []byte
			if data, err = json.Marshal(e.data); err == nil {
				if e.id != 0 {
					_, _ = fmt.Fprintf(w, "id: %d\n", e.id)
				}
				_, err = fmt.Fprintf(w, "event: %s\ndata: %s\n\n", e.name, data)
			}
		}
		if err != nil || out.Flush() != nil {
			return
		}
	}
}
