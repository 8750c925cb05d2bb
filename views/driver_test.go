package views

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"adit/client"
	"adit/client/clienttest"
	"adit/keymap"
	"adit/session"
	"adit/ui"
)

var prod = client.Context{Profile: "prod", Account: "123456789012", Region: "eu-west-1"}

// desk drives an app as the program would, but in steps: it carries commands out until nothing moves any more. It lives
// in a bubble of synctest, so that no test waits for a clock.
type desk struct {
	t        *testing.T
	app      *app
	service  *clienttest.Service
	sessions *scripted
	answers  chan tea.Msg
	// idle waits until every command has answered or waits for something itself.
	idle func()
	// seen gets every frame; nil for nobody.
	seen func(content string)
	// work counts the commands under way.
	work      sync.WaitGroup
	quit      bool
	suspended bool
	clipboard string
	// raw is what was written to the terminal beside the frames.
	raw    string
	shells int
	demos  int
	// arranged is how the list was left, and is kept.
	arranged session.Arrangement
}

// onDesk runs a test on a connected screen of 100x30 with the tunnels of stock.
func onDesk(t *testing.T, test func(d *desk)) {
	t.Helper()
	onDeskOf(t, 100, 30, prod, func(d *desk) {
		stock(d.service)
		d.connect()
		test(d)
	})
}

// onDeskOf runs a test on a screen that has not begun to connect.
func onDeskOf(t *testing.T, width, height int, where client.Context, test func(d *desk)) {
	t.Helper()
	onDeskAt(t, width, height, where, client.WatcherOptions{PageSize: 20, Pages: 1, Rate: 100, Burst: 100}, test)
}

// onDeskAt runs a test on a screen whose watcher has a pace of its own.
func onDeskAt(t *testing.T, width, height int, where client.Context, pace client.WatcherOptions, test func(d *desk)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		// A bubble begins at midnight; a day's work begins later.
		time.Sleep(10*time.Hour + 41*time.Minute)
		ctx, cancel := context.WithCancel(t.Context())
		d := &desk{t: t, service: clienttest.New(where), sessions: newScripted(), answers: make(chan tea.Msg, 4096), idle: synctest.Wait}
		journal := client.NewJournal()
		pace.Random = func() float64 { return 0.5 } // the same pauses in each run
		watcher := client.NewWatcher([]client.Service{client.Recorded(d.service, journal)}, pace)
		d.sessions.watcher = watcher
		var watching sync.WaitGroup
		roster := client.NewRoster([]client.Service{d.service}, client.RosterOptions{Rate: 100, Burst: 100})
		watch := sync.OnceFunc(func() {
			watching.Go(func() { _ = watcher.Run(ctx) })
			watching.Go(func() { _ = roster.Run(ctx) })
		})
		backend := &Backend{Services: []client.Service{client.Recorded(d.service, journal)}, Watcher: watcher, Roster: roster, About: []string{"Control plane: http://127.0.0.1:4566"}}
		backend.Arrange = func(edit func(*session.Arrangement)) error { edit(&d.arranged); return nil }
		d.app = newApp(ctx, Options{
			Connect: func(context.Context) (*Backend, error) {
				watch()
				backend.Arrangement = d.arranged
				return backend, nil
			},
			Demo:   func(context.Context) (*Backend, error) { d.demos++; watch(); return backend, nil },
			Trying: "profile prod, region eu-west-1", Keys: keymap.Default(), Now: time.Now, Journal: journal,
			Look: ui.Look{Dark: true, ReducedMotion: true},
		})
		d.app.live = func(*Backend) sessions { return d.sessions }
		d.app.exec = func(_ tea.ExecCommand, done tea.ExecCallback) tea.Cmd {
			return func() tea.Msg { d.shells++; return done(nil) }
		}
		d.resize(width, height)
		// Ticks that nobody waits for any more must run out: the bubble's clock stops with the test.
		defer func() { cancel(); watching.Wait(); time.Sleep(time.Minute) }()
		test(d)
	})
}

// stock is what the service holds: one of each kind of tunnel.
func stock(s *clienttest.Service) {
	now := time.Now()
	ago := func(d time.Duration) time.Time { return now.Add(-d) }
	put := func(id, thing, description string, age, life time.Duration, source, device client.Side, services ...client.Text) {
		s.Put(client.Tunnel{
			Key: client.Key{ID: id}, Thing: client.Text(thing), Description: client.Text(description), CreatedAt: ago(age),
			Lifetime: life, Source: source, Destination: device, Services: services,
			Tags: []client.Tag{{Key: "team", Value: "ops"}, {Key: "incident", Value: "4411"}},
		})
	}
	on := func(d time.Duration) client.Side { return client.Side{Connected: true, Since: ago(d)} }
	put("8f2c9a14-07", "pump-07", "INC-4411 pump stalls at start", 4*time.Minute, time.Hour, client.Side{}, on(4*time.Minute), "SSH")
	put("1b2c9a14-03", "gate-03", "on-call drill", 12*time.Minute, time.Hour, client.Side{}, client.Side{}, "SSH")
	put("2f2c9a14-12", "pump-12", "", 2*time.Hour, 12*time.Hour, client.Side{}, on(time.Hour), "SSH", "HTTP")
	put("3f2c9a14-99", "", "RemoteDebugging+1", 3*time.Hour, 12*time.Hour, on(2*time.Hour), on(2*time.Hour), "WSS")
	put("4f2c9a14-11", "cam-11", "firmware check", 4*time.Hour, 12*time.Hour, client.Side{}, client.Side{}, "SSH")
	s.Change("4f2c9a14-11", func(t *client.Tunnel) { t.Status = client.StatusClosed })
}

// connect starts the program and lets the first list and its details come in.
func (d *desk) connect() {
	d.do(d.app.Init())
	d.pass(3 * time.Second)
}

// listedJustNow gives the list on the screen and its rows a fixed age: the watcher's own pauses are jittered.
func (d *desk) listedJustNow() {
	snapshot := *d.app.snapshot
	snapshot.Contexts = slices.Clone(snapshot.Contexts)
	for i := range snapshot.Contexts {
		snapshot.Contexts[i].ListedAt = time.Now().Add(-2 * time.Second)
	}
	snapshot.Rows = slices.Clone(snapshot.Rows)
	for i := range snapshot.Rows {
		row := *snapshot.Rows[i]
		row.DescribedAt = time.Now().Add(-2 * time.Second)
		snapshot.Rows[i] = &row
	}
	d.deliver(snapshotMsg{epoch: d.app.connection.epoch, snapshot: &snapshot})
}

// do carries a command out, and everything that comes of it at once.
func (d *desk) do(cmd tea.Cmd) {
	d.start(cmd)
	d.settle()
}

func (d *desk) start(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	d.work.Go(func() {
		if msg := cmd(); msg != nil {
			d.answers <- msg
		}
	})
}

func (d *desk) settle() {
	for {
		d.idle()
		select {
		case msg := <-d.answers:
			d.deliver(msg)
		default:
			return
		}
	}
}

func (d *desk) deliver(msg tea.Msg) {
	v := reflect.ValueOf(msg)
	switch msg := msg.(type) {
	case tea.QuitMsg:
		d.quit = true
		return
	case tea.RawMsg:
		d.raw += fmt.Sprint(msg.Msg)
		return
	case tea.SuspendMsg:
		d.suspended = true
		return
	case tea.BatchMsg:
		for _, cmd := range msg {
			d.start(cmd)
		}
		return
	}
	switch {
	case v.Type().String() == "tea.setClipboardMsg":
		d.clipboard = v.String()
		return
	case v.Type().String() == "tea.sequenceMsg":
		for i := range v.Len() {
			d.do(v.Index(i).Interface().(tea.Cmd))
		}
		return
	}
	_, cmd := d.app.Update(msg)
	d.start(cmd)
	d.check()
}

// check holds for every frame: exactly as many lines as the terminal has, none of them too wide, nothing in them that
// moves the cursor or is a command to the terminal.
func (d *desk) check() {
	d.t.Helper()
	content := d.app.View().Content
	if d.seen != nil {
		d.seen(content)
	}
	lines := strings.Split(content, "\n")
	if len(lines) != d.app.scene.height {
		d.t.Fatalf("%d lines on a screen of %d:\n%s", len(lines), d.app.scene.height, ansi.Strip(content))
	}
	for _, line := range lines {
		if w := ansi.StringWidth(line); w > d.app.scene.width {
			d.t.Fatalf("a line of %d cells on a screen of %d: %q", w, d.app.scene.width, ansi.Strip(line))
		}
	}
	if bad := strayControl(content); bad != "" {
		d.t.Fatalf("a control sequence that is no style reached the screen: %q", bad)
	}
}

// strayControl finds what is neither text nor a style (CSI … m).
func strayControl(content string) string {
	for rest := content; ; {
		i := strings.IndexAny(rest, "\x1b\r\b\a\u009b\u009d\u202e\u2066")
		if i < 0 {
			return ""
		}
		rest = rest[i:]
		end := strings.IndexByte(rest, 'm')
		if !strings.HasPrefix(rest, "\x1b[") || end < 0 || strings.Trim(rest[2:end], "0123456789;:") != "" {
			return rest[:min(len(rest), 24)]
		}
		rest = rest[end+1:]
	}
}

func (d *desk) resize(width, height int) {
	d.deliver(tea.WindowSizeMsg{Width: width, Height: height})
	d.settle()
}

// pass lets time go by in steps in which the screen answers.
func (d *desk) pass(span time.Duration) {
	for step := 200 * time.Millisecond; span > 0; span -= step {
		time.Sleep(min(step, span))
		d.settle()
	}
}

// press sends keys by their names, one after the other.
func (d *desk) press(keys ...string) {
	d.t.Helper()
	for _, name := range keys {
		d.deliver(keyOf(name))
		d.settle()
	}
}

// write types a text.
func (d *desk) write(text string) {
	d.t.Helper()
	for _, r := range text {
		d.press(string(r))
	}
}

func keyOf(name string) tea.KeyPressMsg {
	key, ok := keyPress(name)
	if !ok {
		panic("there is no key " + name)
	}
	return key
}

// screen is what is seen, without styles.
func (d *desk) screen() string { return ansi.Strip(d.app.View().Content) }

// sees checks that texts are on the screen, wherever its lines were broken.
func (d *desk) sees(texts ...string) {
	d.t.Helper()
	screen := d.screen()
	flat := strings.Join(strings.Fields(strings.Map(dropBorder, screen)), " ")
	for _, text := range texts {
		if !strings.Contains(flat, strings.Join(strings.Fields(text), " ")) {
			d.t.Fatalf("not on the screen: %q\n%s", text, screen)
		}
	}
}

func (d *desk) seesNot(texts ...string) {
	d.t.Helper()
	screen := d.screen()
	for _, text := range texts {
		if strings.Contains(screen, text) {
			d.t.Fatalf("on the screen: %q\n%s", text, screen)
		}
	}
}

func dropBorder(r rune) rune {
	if strings.ContainsRune("│╭╮╰╯─", r) {
		return ' '
	}
	return r
}

// choose moves the selection to the tunnel of a thing.
func (d *desk) choose(thing string) {
	d.t.Helper()
	d.press("g")
	for range 50 {
		if row, ok := d.app.selected(); ok && row.Thing.Raw() == thing {
			return
		}
		d.press("down")
	}
	d.t.Fatalf("no tunnel of %s to select", thing)
}

var errMade = errors.New("made up by a test")
