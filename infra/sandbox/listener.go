package sandbox

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"
)

// servers is one port with two servers behind it: a connection whose first byte is 0x16, a TLS handshake, goes to the one,
// everything else to the other.
type servers struct {
	listener   net.Listener
	plain, tls *http.Server
	lanes      [2]*lane
	done       sync.WaitGroup
}

const firstByteTimeout = 10 * time.Second

func serve(lifetime context.Context, l net.Listener, certificate tls.Certificate, h http.Handler, log *slog.Logger) *servers {
	server := func() *http.Server {
		return &http.Server{
			Handler: h, BaseContext: func(net.Listener) context.Context { return lifetime },
			ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute,
			ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
			// HTTP/1.1 only: a dropped request must be a closed connection, not a reset stream.
			TLSNextProto: map[string]func(*http.Server, *tls.Conn, http.Handler){},
		}
	}
	s := &servers{listener: l, plain: server(), tls: server()}
	s.tls.TLSConfig = &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}
	for i := range s.lanes {
		s.lanes[i] = &lane{addr: l.Addr(), conns: make(chan net.Conn), closed: make(chan struct{})}
	}
	s.done.Go(func() { _ = s.plain.Serve(s.lanes[0]) })
	s.done.Go(func() { _ = s.tls.ServeTLS(s.lanes[1], "", "") })
	s.done.Go(func() { s.accept(lifetime) })
	return s
}

func (s *servers) accept(lifetime context.Context) {
	for {
		conn, err := s.listener.Accept()
		if err != nil {
			if errors.Is(err, net.ErrClosed) || lifetime.Err() != nil {
				return
			}
			continue
		}
		s.done.Go(func() { s.route(lifetime, conn) })
	}
}

// route reads one byte and hands the connection to the server it is meant for.
func (s *servers) route(lifetime context.Context, conn net.Conn) {
	unhook := context.AfterFunc(lifetime, func() { _ = conn.SetReadDeadline(time.Unix(1, 0)) })
	defer unhook()
	first := make([]byte, 1)
	_ = conn.SetReadDeadline(time.Now().Add(firstByteTimeout))
	if _, err := conn.Read(first); err != nil {
		_ = conn.Close()
		return
	}
	_ = conn.SetReadDeadline(time.Time{})
	to := s.lanes[0]
	if first[0] == 0x16 {
		to = s.lanes[1]
	}
	select {
	case to.conns <- &peeked{Conn: conn, first: first}:
	case <-lifetime.Done():
		_ = conn.Close()
	}
}

// close gives requests under way a moment, then ends them. Streams end at once, because their context does.
func (s *servers) close() {
	_ = s.listener.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	for _, server := range []*http.Server{s.plain, s.tls} {
		if server.Shutdown(ctx) != nil {
			_ = server.Close()
		}
	}
	s.done.Wait()
}

// lane is a net.Listener fed by a channel.
type lane struct {
	addr   net.Addr
	conns  chan net.Conn
	once   sync.Once
	closed chan struct{}
}

func (l *lane) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *lane) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

func (l *lane) Addr() net.Addr { return l.addr }

// peeked gives back the byte that decided where it went.
type peeked struct {
	net.Conn
	first []byte
}

func (p *peeked) Read(b []byte) (int, error) {
	if len(p.first) > 0 && len(b) > 0 {
		n := copy(b, p.first)
		p.first = p.first[n:]
		return n, nil
	}
	return p.Conn.Read(b)
}
