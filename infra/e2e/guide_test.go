package e2e

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// guideBlock is a piece of the guide that is run as it stands.
var guideBlock = regexp.MustCompile("(?s)<!-- test:guide -->\n```sh\n(.*?)```\n")

// The administrator's guide is followed, from a clone to the report of the first campaign, by its own commands and no others,
// in one shell. What differs from a reader's machine: the ports; the address of the repository, which is a commit
// of this working tree; and the pages, which take npm a minute: those that "make web" built here are put into the clone,
// and make is told so (PAGES=). Without them the clone builds its own.
//
// Checked: it fails when a command of the guide is left out, and when one is misspelt.
func TestGuide(t *testing.T) {
	t.Parallel()
	guide, err := os.ReadFile("../../docs/admin-guide.md")
	if err != nil {
		t.Fatal(err)
	}
	if err := readSources(); err != nil {
		t.Fatal(err)
	}
	var script strings.Builder
	blocks := guideBlock.FindAllStringSubmatch(string(guide), -1)
	if len(blocks) < 8 {
		t.Fatalf("the guide has %d blocks to run", len(blocks))
	}
	const cloned = "make build\n"
	dir, origin := t.TempDir(), repository(t)
	environment := []string{"REPOSITORY=" + origin}
	for _, b := range blocks {
		script.WriteString(b[1])
	}
	text := script.String()
	if built := pages(t); len(built) > 0 {
		if strings.Count(text, cloned) != 1 {
			t.Fatal("the guide does not build once")
		}
		put := ""
		for _, page := range built {
			whole, err := filepath.Abs("../../" + page)
			if err != nil {
				t.Fatal(err)
			}
			put += fmt.Sprintf("cp -R %s/dist %s/\n", whole, page)
		}
		text = strings.Replace(text, cloned, put+cloned, 1)
		environment = append(environment, "MAKEFLAGS= -- PAGES=")
	}
	for variable, address := range map[string]string{"HERALD_ADDR": "127.0.0.1:3978", "HERALD_SANDBOX_ADDR": "127.0.0.1:3979"} {
		mine := freeAddress(t)
		text = strings.ReplaceAll(text, address, mine)
		environment = append(environment, variable+"="+mine)
	}
	for _, v := range os.Environ() {
		name, _, _ := strings.Cut(v, "=")
		if !strings.HasPrefix(name, "HERALD_") && !strings.HasPrefix(name, "MAKE") && name != "MFLAGS" && name != "REPOSITORY" {
			environment = append(environment, v)
		}
	}

	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute) // only ends a test that hangs
	defer cancel()
	shell := exec.CommandContext(ctx, "sh", "-eux", "-c", text)
	var says bytes.Buffer
	shell.Dir, shell.Env, shell.Stdout, shell.Stderr = dir, environment, &says, &says
	shell.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	end := func() error { return syscall.Kill(-shell.Process.Pid, syscall.SIGKILL) } // the shell and what it started
	shell.Cancel, shell.WaitDelay = end, time.Second
	err = shell.Run()
	_ = end() // most often everything has ended
	herald := filepath.Join(dir, "herald")
	if err != nil {
		log, _ := os.ReadFile(filepath.Join(herald, "herald.log"))
		t.Fatalf("the guide's commands end with %v:\n%s\nherald.log:\n%s", err, tail(says.String()), tail(string(log)))
	}

	report := reportFile(t, filepath.Join(herald, "report.json"))
	if report["total"] != 25 || report["sent"] != 20 || report["skipped"] != 5 {
		t.Errorf("the report says %v", report)
	}
	recipients, err := os.ReadFile(filepath.Join(herald, "recipients.csv"))
	if err != nil || strings.Count(string(recipients), "\n") != 26 || strings.Count(string(recipients), "not_installed") != 5 {
		t.Errorf("recipients.csv: %v\n%s", err, recipients)
	}
	if !strings.Contains(says.String(), `herald_messages_total{reason="",status="sent"} 20`) {
		t.Errorf("the metrics do not count 20 messages:\n%s", tail(says.String()))
	}
	if strings.Contains(says.String(), "\nproblem ") {
		t.Errorf("the doctor found something:\n%s", tail(says.String()))
	}
	pack, err := zip.OpenReader(filepath.Join(herald, "herald.zip"))
	if err != nil {
		t.Fatal(err)
	}
	defer pack.Close()
	if _, err := fs.Stat(pack, "manifest.json"); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Join(herald, "restored.json")); err == nil { // where the guide restores a backup
		if restored := reportFile(t, filepath.Join(herald, "restored.json")); fmt.Sprint(restored) != fmt.Sprint(report) {
			t.Errorf("after the restore the report says %v", restored)
		}
	}
}

func tail(s string) string { return s[max(0, len(s)-4<<10):] }

func reportFile(t *testing.T, path string) map[string]int {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var report map[string]any
	if err := json.Unmarshal(raw, &report); err != nil {
		t.Fatalf("%v: %s", err, raw)
	}
	return counts(t, report)
}

// repository makes one whose only commit is this working tree: what is committed and what will be.
func repository(t *testing.T) (address string) {
	t.Helper()
	address = filepath.Join(t.TempDir(), "origin")
	git := func(dir string, stdin []byte, args ...string) []byte {
		t.Helper()
		cmd := exec.Command("git", append([]string{"-c", "user.name=test", "-c", "user.email=test@example.invalid", "-c", "core.hooksPath=/dev/null", "-c", "commit.gpgsign=false"}, args...)...)
		var out, complaint bytes.Buffer
		cmd.Dir, cmd.Stdin, cmd.Stdout, cmd.Stderr = dir, bytes.NewReader(stdin), &out, &complaint
		if err := cmd.Run(); err != nil {
			t.Fatalf("git %s: %v: %s", args[0], err, &complaint)
		}
		return out.Bytes()
	}
	files := git("../..", nil, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	git(".", nil, "init", "--quiet", "--initial-branch=main", address)
	for _, name := range strings.Split(strings.TrimRight(string(files), "\x00"), "\x00") {
		from, to := filepath.Join("../..", name), filepath.Join(address, name)
		info, err := os.Stat(from)
		if os.IsNotExist(err) { // removed, and that not committed yet
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		raw, err := os.ReadFile(from)
		if err == nil {
			err = os.MkdirAll(filepath.Dir(to), 0o755)
		}
		if err == nil {
			err = os.WriteFile(to, raw, info.Mode().Perm())
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	git(address, nil, "add", "--all")
	git(address, nil, "commit", "--quiet", "--message=the working tree")
	return address
}

// pages are the folders of the pages, if they are built.
func pages(t *testing.T) (folders []string) {
	t.Helper()
	folders = []string{"tab/web", "infra/sandbox/web"}
	for _, f := range folders {
		if _, err := os.Stat("../../" + f + "/dist/index.html"); err != nil {
			t.Logf("%s is not built: the clone builds its own", f)
			return nil
		}
	}
	return folders
}

// freeAddress is one below those that the system gives to whoever asks for any, so that no other test gets it meanwhile.
func freeAddress(t *testing.T) string {
	t.Helper()
	for range 100 {
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", 20000+rand.IntN(10000)))
		if err != nil {
			continue
		}
		defer l.Close()
		return l.Addr().String()
	}
	t.Fatal("no port is free")
	return ""
}
