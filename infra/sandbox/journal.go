package sandbox

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// journal is the state that survives: JSON lines, appended as things happen, replayed and compacted at the start. It is
// flushed every 200 ms, so a kill -9 loses at most that much of the simulated cloud's memory. Faults, statistics, the wire
// and the bot's address are not part of it.
type journal struct {
	mu    sync.Mutex
	file  *os.File // nil: nothing is kept
	out   *bufio.Writer
	fails error // the first error; writing stops there and close reports it
	stop  chan struct{}
	done  chan struct{}
}

const flushEvery = 200 * time.Millisecond

type op string

const (
	opState    op = "state"   // of a person
	opMessage  op = "message" // new or changed
	opClock    op = "clock"
	opRemove   op = "remove"   // a person left the tenant
	opAdd      op = "add"      // a person joined
	opPresence op = "presence" // of everybody
)

type record struct {
	Op       op            `json:"op"`
	Key      personKey     `json:"key,omitempty"`
	State    *savedState   `json:"state,omitempty"`
	Message  *message      `json:"message,omitempty"`
	Offset   time.Duration `json:"offset,omitempty"`
	Presence string        `json:"presence,omitempty"`
}

type savedState struct {
	Installed  bool   `json:"installed,omitempty"`
	Announced  bool   `json:"announced,omitempty"`
	Known      bool   `json:"known,omitempty"`
	Blocked    bool   `json:"blocked,omitempty"`
	Presence   string `json:"presence,omitempty"`
	Generation uint16 `json:"generation,omitempty"`
	LastID     int64  `json:"lastId,omitempty"`
	TimeZone   string `json:"timeZone,omitempty"`
	Mailbox    string `json:"mailbox,omitempty"`
}

// openJournal replays what dir holds into c and starts a fresh, compact file.
func openJournal(dir string, c *Cloud) (*journal, error) {
	if dir == "" {
		return &journal{}, nil
	}
	path := filepath.Join(dir, "journal.jsonl")
	if err := replay(path, c); err != nil {
		return nil, err
	}
	fresh, err := os.CreateTemp(dir, "journal-*.tmp")
	if err != nil {
		return nil, err
	}
	j := &journal{file: fresh, out: bufio.NewWriterSize(fresh, 1<<16), stop: make(chan struct{}), done: make(chan struct{})}
	c.snapshot(j)
	err = errors.Join(j.fails, j.out.Flush())
	if err == nil {
		err = os.Rename(fresh.Name(), path)
	}
	if err != nil {
		return nil, errors.Join(err, fresh.Close(), os.Remove(fresh.Name()))
	}
	go j.flushing()
	return j, nil
}

// snapshot writes the state as the shortest journal that leads to it.
func (c *Cloud) snapshot(j *journal) {
	_, offset, _ := c.clock.read()
	j.append(record{Op: opClock, Offset: offset})
	if all := c.everybody.Load(); all != nil {
		j.append(record{Op: opPresence, Presence: *all})
	}
	for _, t := range c.dir.tenants {
		for _, ch := range t.changes {
			kind := opAdd
			if ch.removed {
				kind = opRemove
			}
			j.append(record{Op: kind, Key: keyOf(t, ch.index)})
		}
	}
	for _, r := range c.residents.all() {
		j.state(r)
		for _, m := range r.chat {
			j.message(r.key, m)
		}
	}
}

func (j *journal) append(rec record) {
	if j.file == nil {
		return
	}
	line, err := json.Marshal(rec)
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.fails == nil && err == nil {
		_, err = j.out.Write(append(line, '\n'))
	}
	if j.fails == nil {
		j.fails = err
	}
}

// state saves a person. Hold r.mu.
func (j *journal) state(r *resident) {
	if j.file == nil {
		return
	}
	s := &savedState{
		Installed: r.installed, Announced: r.announced, Known: r.known, Blocked: r.blocked, Presence: r.presence,
		Generation: r.generation, LastID: r.lastID,
	}
	if own := r.zones.Load(); own != nil {
		s.TimeZone, s.Mailbox = own.client, own.mailbox
	}
	j.append(record{Op: opState, Key: r.key, State: s})
}

// message saves a message. Hold the resident's lock.
func (j *journal) message(k personKey, m *message) {
	if j.file != nil {
		j.append(record{Op: opMessage, Key: k, Message: m})
	}
}

func (j *journal) flushing() {
	defer close(j.done)
	tick := time.NewTicker(flushEvery)
	defer tick.Stop()
	for {
		select {
		case <-j.stop:
			return
		case <-tick.C:
			j.flush()
		}
	}
}

func (j *journal) flush() {
	j.mu.Lock()
	defer j.mu.Unlock()
	if err := j.out.Flush(); err != nil && j.fails == nil {
		j.fails = err
	}
}

func (j *journal) close() error {
	if j == nil || j.file == nil {
		return nil
	}
	select {
	case <-j.stop:
		return nil // closed before
	default:
	}
	close(j.stop)
	<-j.done
	j.flush()
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.fails == nil {
		j.fails = errors.New("closed")
		return j.file.Close()
	}
	return fmt.Errorf("sandbox: journal: %w", errors.Join(j.fails, j.file.Close()))
}

// replay applies the lines of a journal. A last line without an end was cut off by a kill and is ignored.
func replay(path string, c *Cloud) error {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	in := bufio.NewReaderSize(file, 1<<16)
	for n := 1; ; n++ {
		line, err := in.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		var rec record
		if err := json.Unmarshal(line, &rec); err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
		c.apply(rec)
	}
}

func (c *Cloud) apply(rec record) {
	t := c.dir.tenantOf(rec.Key)
	switch rec.Op {
	case opClock:
		c.clock.set(rec.Offset)
	case opAdd:
		// The configured number of people may have grown past the added one meanwhile.
		if t != nil && rec.Key.index() >= int(t.count.Load()) {
			t.add()
		}
	case opRemove:
		if t != nil {
			t.remove(rec.Key.index())
		}
	case opPresence:
		c.setEverybody(rec.Presence)
	case opState:
		if t == nil || rec.State == nil {
			return
		}
		r, s := c.residents.get(rec.Key), rec.State
		if r.installed != s.Installed {
			t.countInstalled(s.Installed)
		}
		r.installed, r.announced, r.known, r.blocked = s.Installed, s.Announced, s.Known, s.Blocked
		r.presence, r.generation, r.lastID = s.Presence, s.Generation, max(s.LastID, r.lastID)
		if s.TimeZone != "" {
			r.zones.Store(&ownZones{s.TimeZone, s.Mailbox})
		}
	case opMessage:
		if t == nil || rec.Message == nil {
			return
		}
		r, m := c.residents.get(rec.Key), rec.Message
		r.lastID = max(r.lastID, m.ID)
		for i, old := range r.chat {
			if old.ID == m.ID {
				r.chat[i] = m
				return
			}
		}
		r.chat = append(r.chat, m)
		if drop := len(r.chat) - c.options.ChatLimit; drop > 0 {
			r.chat = r.chat[drop:]
		}
		if m.Correlation != "" {
			r.count(m.Correlation)
		}
	}
}

func (t *tenant) countInstalled(up bool) {
	if up {
		t.installed.Add(1)
	} else {
		t.installed.Add(-1)
	}
}
