package cli

import (
	"context"
	"fmt"
	"log/slog"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"adit/client"
	"adit/emulator/fleet"
	"adit/tunnelconn"
	"adit/tunnelconn/token"
	"adit/ui"
	"adit/views"
)

// operator is a person at the whole screen as runAWS joins it: the contexts of a laptop, the emulator behind sockets that
// record what was asked, and devices. Messages are delivered one by one, so that between two of them the screen stands still.
type operator struct {
	*laptop
	options views.Options
	model   tea.Model
	answers chan tea.Msg
	work    sync.WaitGroup
	// read is how long a person has read so far, which takes no time here.
	read time.Duration

	quit, suspended bool
	copied, browsed []string
	saved           string
	// raw is what was written to the terminal beside the frames.
	raw string
}

// What commands did past the screen comes in with their answers.
type (
	copied  string
	browsed string
	saved   []byte
)

// patience ends a test that has failed; what is waited for takes milliseconds.
const patience = time.Minute

// operate runs a test on a connected screen of 160x50 with the profile prod, after prepare has changed what it likes.
func operate(t *testing.T, settings string, prepare func(*operator), test func(*operator)) {
	t.Helper()
	o := &operator{answers: make(chan tea.Msg, 4096)}
	o.laptop = newLaptop(t, settings, "--profile", "prod")
	t.Setenv("PATH", t.TempDir()) // no ssh: what leads to a shell ends at the address of its local proxy
	o.hall.config.journal = client.NewJournal()
	devices, err := fleet.Start(t.Context(), fleet.Config{
		MQTT: o.emulator.MQTTAddr(), Data: o.emulator.DataAddr(), Roots: o.roots, Seed: 1, Things: []fleet.Thing{{Name: "pump-07"}, {Name: "pump-12"}},
	})
	o.must(err)
	t.Cleanup(func() { o.must(devices.Close()) })

	ctx, cancel := context.WithCancel(t.Context())
	flags, log := o.hall.config.flags, ringHandler{ring: &logRing{}, level: slog.LevelInfo}
	o.hall.config.log = slog.New(log)
	o.options = views.Options{
		Trying:  flags.trying(),
		Connect: func(ctx context.Context) (*views.Backend, error) { return o.open(ctx, flags.places()) },
		Contexts: &views.Contexts{
			Open: o.open, Profiles: client.Profiles, Production: o.production, Questions: o.questions,
			Login: func([]string) views.Login { return views.Login{} },
		},
		Keys: flags.keys, Filters: flags.settings.Filters, Journal: o.hall.config.journal, Log: log.ring, Notify: flags.settings.Notify,
		Look: ui.Look{Dark: true, ReducedMotion: true}, Now: func() time.Time { return time.Now().Add(o.read) },
		Copy:   func(text string) error { o.answers <- copied(text); return nil },
		Browse: func(url string) error { o.answers <- browsed(url); return nil },
		Save: func(path string, content []byte) (string, error) {
			o.answers <- saved(content)
			return path, nil
		},
	}
	if prepare != nil {
		prepare(o)
	}
	o.model = views.New(ctx, o.options)
	// Commands that wait end with the context, and the last tick within a second.
	defer func() { cancel(); o.must(o.hall.close()); o.work.Wait() }()
	o.deliver(tea.WindowSizeMsg{Width: 160, Height: 50})
	o.start(o.model.Init())
	test(o)
}

func (o *operator) must(err error) {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(err)
	}
}

// elsewhere is another client of the same account in a region, whose requests are not recorded.
func (o *operator) elsewhere(region string) client.Service {
	o.t.Helper()
	service, err := client.Connect(o.t.Context(), client.ConnectOptions{
		Region: region, EndpointURL: o.emulator.APIURL(),
		Static: &client.StaticCredentials{AccessKeyID: "111111111111", SecretAccessKey: token.New("x")},
	})
	o.must(err)
	return service
}

// tunnel opens one from elsewhere in eu-west-1; its id stands in recorded requests as "<thing>".
func (o *operator) tunnel(thing string, more ...client.Tag) client.Opened {
	o.t.Helper()
	opened, err := o.elsewhere("eu-west-1").Open(o.t.Context(), client.OpenInput{
		Thing: thing, Services: []string{"SSH", "HTTP"}, Lifetime: time.Hour, Tags: more,
	})
	o.must(err)
	o.requests.call(opened.ID, "<"+thing+">")
	return opened
}

// colleague connects as the source of a tunnel from elsewhere, until leave.
func (o *operator) colleague(secret token.Token) (leave func()) {
	o.t.Helper()
	source, err := tunnelconn.StartSource(tunnelconn.SourceConfig{Link: tunnelconn.Link{
		Endpoint: o.emulator.DataAddr(), Roots: o.roots, AccessToken: secret,
	}})
	o.must(err)
	ctx, cancel := context.WithTimeout(o.t.Context(), patience)
	defer cancel()
	for status := source.Status(); status.State != tunnelconn.Connected; status = source.Status() {
		_, err := source.Changed(ctx, status.Seq)
		o.must(err)
	}
	return func() { _ = source.Close() }
}

func (o *operator) start(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	o.work.Go(func() {
		if msg := cmd(); msg != nil {
			o.answers <- msg
		}
	})
}

func (o *operator) deliver(msg tea.Msg) {
	v := reflect.ValueOf(msg)
	switch msg := msg.(type) {
	case tea.QuitMsg:
		o.quit = true
		return
	case tea.RawMsg:
		o.raw += fmt.Sprint(msg.Msg)
		return
	case copied:
		o.copied = append(o.copied, string(msg))
		return
	case browsed:
		o.browsed = append(o.browsed, string(msg))
		return
	case saved:
		o.saved = string(msg)
		return
	case tea.SuspendMsg:
		o.suspended = true
		return
	case tea.BatchMsg:
		for _, cmd := range msg {
			o.start(cmd)
		}
		return
	}
	if v.Type().String() == "tea.sequenceMsg" {
		o.work.Go(func() {
			for i := range v.Len() {
				if msg := v.Index(i).Interface().(tea.Cmd)(); msg != nil {
					o.answers <- msg
				}
			}
		})
		return
	}
	_, cmd := o.model.Update(msg)
	o.start(cmd)
}

// keys are those with a name.
var keys = map[string]rune{
	"enter": tea.KeyEnter, "esc": tea.KeyEscape, "tab": tea.KeyTab, "space": tea.KeySpace, "up": tea.KeyUp, "down": tea.KeyDown, "left": tea.KeyLeft, "right": tea.KeyRight,
}

// press sends keys by their names, one after the other.
func (o *operator) press(names ...string) {
	for _, name := range names {
		key := tea.KeyPressMsg{}
		if rest, ok := strings.CutPrefix(name, "ctrl+"); ok {
			key.Mod, name = tea.ModCtrl, rest
		}
		if code, ok := keys[name]; ok {
			key.Code = code
		} else {
			key.Code = []rune(name)[0]
		}
		if key.Mod == 0 && (keys[name] == 0 || name == "space") {
			key.Text = string(key.Code)
		}
		o.deliver(key)
	}
}

func (o *operator) write(text string) {
	for _, r := range text {
		o.press(string(r))
	}
}

// choose moves the selection to the row of a thing.
func (o *operator) choose(thing string) {
	o.t.Helper()
	o.press("g")
	for range 50 {
		if strings.Contains(o.screen(), "▌ "+thing+" ") {
			return
		}
		o.press("down")
	}
	o.t.Fatalf("no row of %s to select:\n%s", thing, ansi.Strip(o.model.View().Content))
}

// screen is what is seen, flat: without styles, borders and the breaks of its lines.
func (o *operator) screen() string {
	return strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		if strings.ContainsRune("│╭╮╰╯─", r) {
			return ' '
		}
		return r
	}, ansi.Strip(o.model.View().Content))), " ")
}

// until answers the screen's commands until it shows all of the texts.
func (o *operator) until(texts ...string) {
	o.t.Helper()
	o.wait(strings.Join(texts, ", "), func() bool {
		screen := o.screen()
		return !slices.ContainsFunc(texts, func(text string) bool { return !strings.Contains(screen, text) })
	})
}

// without answers them until it shows none of the texts.
func (o *operator) without(texts ...string) {
	o.t.Helper()
	o.wait("without "+strings.Join(texts, ", "), func() bool {
		screen := o.screen()
		return !slices.ContainsFunc(texts, func(text string) bool { return strings.Contains(screen, text) })
	})
}

// wait answers the screen's commands until something holds. Afterwards a person has read for a moment: what opens by itself
// takes no key at first.
func (o *operator) wait(what string, holds func() bool) {
	o.t.Helper()
	limit := time.NewTimer(patience)
	defer limit.Stop()
	for !holds() {
		select {
		case msg := <-o.answers:
			o.deliver(msg)
		case <-limit.C:
			o.t.Fatalf("not within %v: %s\n%s\nchanges: %q", patience, what, ansi.Strip(o.model.View().Content), o.requests.changes())
		}
	}
	o.read += 500 * time.Millisecond
}

// changes waits for as many requests that change something, and checks that they are these and no others.
func (o *operator) changes(want ...string) {
	o.t.Helper()
	o.wait(fmt.Sprintf("%d changes", len(want)), func() bool { return len(o.requests.changes()) >= len(want) })
	o.changed(want...)
}

// changed checks that these requests have changed something so far, and no others, in whatever order.
func (o *operator) changed(want ...string) {
	o.t.Helper()
	got := o.requests.changes()
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		o.t.Errorf("the emulator was asked to change\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// arn is that of a thing's tunnel.
func (o *operator) arn(thing string) string {
	o.t.Helper()
	page, err := o.elsewhere("eu-west-1").List(o.t.Context(), client.ListInput{Thing: thing})
	o.must(err)
	return page.Tunnels[0].ARN
}
