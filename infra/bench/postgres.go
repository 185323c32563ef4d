package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // database/sql driver "pgx"

	"herald/infra/store/pgtest/programs"
)

// postgres is a PostgreSQL server of this run, with a production's settings: what it
// says is committed lies on the disk. (infra/store/pgtest's, which is for tests, has fsync off.)
type postgres struct {
	*child
	addr  string
	admin *sql.DB
}

var postgresSettings = []string{"fsync=on", "synchronous_commit=on", "shared_buffers=1GB", "max_wal_size=4GB", "max_connections=200"}

func startPostgres(ctx context.Context, dir string) (*postgres, error) {
	if programs.Folder() == "" {
		return nil, errors.New("PostgreSQL is not installed; make deps installs it")
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		return nil, err
	}
	who, err := programs.Owner(dir)
	if err != nil {
		return nil, err
	}
	data := filepath.Join(dir, "data")
	if c, err := spawn("initdb", filepath.Join(programs.Folder(), "initdb"), nil, nil, &syscall.SysProcAttr{Credential: who, Pdeathsig: syscall.SIGKILL}, "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8"); err != nil {
		return nil, err
	} else if <-c.done; c.err != nil {
		return nil, c.failed("ended", c.err)
	}
	p := &postgres{}
	if p.addr, err = freeAddr(); err != nil {
		return nil, err
	}
	_, port, _ := net.SplitHostPort(p.addr)
	args := []string{"-D", data, "-p", port, "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="}
	for _, s := range postgresSettings {
		args = append(args, "-c", s)
	}
	// SIGQUIT ends all of PostgreSQL at once; SIGKILL would leave its shared memory behind.
	p.child, err = spawn("postgres", filepath.Join(programs.Folder(), "postgres"), nil, nil, &syscall.SysProcAttr{Credential: who, Pdeathsig: syscall.SIGQUIT}, args...)
	if err != nil {
		return nil, err
	}
	if p.admin, err = sql.Open("pgx", p.url("postgres")); err != nil {
		return nil, err
	}
	return p, p.ready(ctx)
}

func (p *postgres) url(database string) string {
	return "postgres://postgres@" + p.addr + "/" + database + "?sslmode=disable"
}

func (p *postgres) ready(ctx context.Context) error {
	for range 600 {
		if p.admin.PingContext(ctx) == nil {
			return nil
		}
		select {
		case <-p.done:
			return p.failed("ended", p.err)
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
	return p.failed("does not answer", nil)
}

// create makes a database, empty or as a copy of another one that nobody is connected to.
// It ends with a checkpoint, so that every measurement begins with the same amount of unwritten data: none.
func (p *postgres) create(ctx context.Context, name, template string) (url string, err error) {
	if err := p.drop(ctx, name); err != nil {
		return "", err
	}
	statement := "CREATE DATABASE " + name
	if template != "" {
		statement += " TEMPLATE " + template
	}
	if _, err := p.admin.ExecContext(ctx, statement); err != nil {
		return "", err
	}
	_, err = p.admin.ExecContext(ctx, "CHECKPOINT")
	return p.url(name), err
}

func (p *postgres) drop(ctx context.Context, name string) error {
	_, err := p.admin.ExecContext(ctx, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)")
	return err
}

func (p *postgres) close() {
	_ = p.admin.Close()
	p.stop(syscall.SIGQUIT)
}

// freeAddr is an address that is free now. Nobody else takes ports here so quickly that it matters.
func freeAddr() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("free port: %w", err)
	}
	return l.Addr().String(), l.Close()
}
