package views

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"adit/client"
	"adit/keymap"
	"adit/session"
	"adit/ui"
)

// app is the root model: it owns every side effect of the screen, and routes.
type app struct {
	ctx   context.Context
	opts  Options
	scene *scene
	// exec hands the terminal over; tea.Exec outside of tests.
	exec func(tea.ExecCommand, tea.ExecCallback) tea.Cmd
	// open puts a shell into a window of its own; a test puts its own function in place.
	open func(*session.Shell, session.Window) error
	// live adapts a backend's sessions; a test puts scripted ones in their place.
	live func(*Backend) sessions

	connection connection
	// trial is what is being connected, or could not be; nil while the connection is all there is.
	trial    *trial
	trials   uint64
	sessions sessions
	// known is all that the watcher knows, snapshot the part of the contexts that are shown. held are the services of every
	// place that was ever shown, by place: what was started there goes on.
	known, snapshot *client.Snapshot
	held            map[client.Key]client.Service
	// asking is the question of a login that waits for its answer, nil for none.
	asking    *asking
	tally     tally
	looked    client.Attention
	chronicle chronicle
	notices   notices
	// arrangement is how the list was left, and is kept.
	arrangement session.Arrangement
	// roster is what the registries tell of the things, memory what adit remembers of each context.
	roster       *client.RosterSnapshot
	rosterLooked client.RosterAttention
	memory       map[client.Context]session.Memory
	// seen are the things that were ever listed since adit is connected.
	seen map[string]bool

	front    keymap.Scope
	tunnels  *tunnelsView
	proxies  *proxiesView
	things   *thingsView
	activity *activityView
	log      *logView
	overlays []overlay
	trip     *trip
	trips    uint64
	// aimed: the shell that Options.Aim asks for is under way.
	aimed bool
	// bulk is the last errand on many tunnels, nil for none.
	bulk *bulk
	// request numbers the reads of which only the newest counts.
	request uint64
	toasts  ui.Toasts

	// mouse: the mouse is adit's; else the terminal selects text with it.
	mouse   bool
	clock   uint64
	blurred bool
	dirty   bool
	frame   tea.View
}

// scene is what every view draws with.
type scene struct {
	theme         *ui.Theme
	keys          *keymap.Map
	now           time.Time
	width, height int
}

func newApp(ctx context.Context, opts Options) *app {
	s := &scene{theme: ui.NewTheme(opts.Look), keys: opts.Keys, now: opts.Now(), width: 80, height: 24}
	a := &app{
		ctx: ctx, opts: opts, scene: s, exec: tea.Exec, open: (*session.Shell).Open, dirty: true,
		live:  func(b *Backend) sessions { return liveSessions{b.Sessions} },
		known: &client.Snapshot{}, snapshot: &client.Snapshot{}, roster: &client.RosterSnapshot{}, held: map[client.Key]client.Service{},
	}
	a.front = keymap.ScopeConnect
	return a
}

// Init starts to connect; the first frame says so.
func (a *app) Init() tea.Cmd {
	a.dirty = true
	cmds := []tea.Cmd{a.connect(a.opts.Connect, a.opts.Trying), a.rearm(), a.awaitQuestion()}
	if a.opts.FollowTerminal {
		cmds = append(cmds, tea.RequestBackgroundColor)
	}
	return tea.Batch(cmds...)
}

// Update routes a message, and then tells the watcher what is looked at now.
func (a *app) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	a.scene.now = a.opts.Now()
	a.dirty = true
	cmd := a.route(msg)
	a.look()
	return a, a.sendAlerts(cmd)
}

func (a *app) route(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.KeyPressMsg:
		return a.press(msg)
	case tea.PasteMsg:
		return a.paste(msg)
	case tea.WindowSizeMsg:
		a.scene.width, a.scene.height = msg.Width, msg.Height
	case tea.FocusMsg:
		return a.focus(false)
	case tea.BlurMsg:
		return a.focus(true)
	case tea.BackgroundColorMsg:
		a.background(msg)
	case tea.ResumeMsg:
		return a.rearm()
	case tickMsg:
		return a.tick(msg)
	case connectedMsg:
		return a.connected(msg)
	case snapshotMsg:
		return a.received(msg)
	case profilesMsg:
		a.chooseProfiles(msg)
	case questionMsg:
		return a.asked(msg)
	case loggedInMsg:
		return a.loggedIn(msg)
	case renewedMsg:
		a.renewed(msg)
	case rosterMsg:
		return a.rosterCame(msg)
	case memoryMsg:
		a.remembered(msg)
	case progressMsg:
		return a.progressed(msg)
	case resentMsg:
		return a.resent(msg)
	case restartMsg:
		return a.restart(msg)
	case tea.MouseClickMsg:
		return a.click(msg)
	case tea.MouseWheelMsg:
		return a.wheel(msg)
	case copiedMsg:
		return a.copied(msg)
	case tokenIssuedMsg:
		return a.tokenIssued(msg)
	case savedMsg:
		a.saved(msg)
	case browsedMsg:
		a.browsed(msg)
	case windowOpenedMsg:
		a.windowOpened(msg)
	case windowsClosedMsg:
		return a.windowsClosed(msg)
	case shellEndedMsg:
		return a.shellEnded(msg)
	case tagsReadMsg:
		return a.tagsRead(msg)
	case changedMsg:
		a.changed(msg)
	case bulkStartedMsg:
		return a.bulkStarted(msg)
	case bulkMsg:
		return a.bulkStep(msg)
	default:
		a.dirty = false
	}
	return nil
}

// background follows the terminal between dark and light.
func (a *app) background(msg tea.BackgroundColorMsg) {
	if look := a.scene.theme.Look; a.opts.FollowTerminal && look.Dark != msg.IsDark() {
		look.Dark = msg.IsDark()
		a.scene.theme = ui.NewTheme(look)
	}
}

// focus slows a screen nobody looks at down, and brings it up to date when somebody does again.
func (a *app) focus(blurred bool) tea.Cmd {
	a.blurred = blurred
	if !blurred && a.notices.headline != "" {
		// The toast that told it is gone by now.
		a.toast(ui.Plain, a.notices.headline+".")
		a.notices.headline = ""
	}
	return a.rearm()
}

// toast shows a short notice.
func (a *app) toast(tone ui.Tone, text string) { a.toasts.Push(tone, client.Clean(text), a.scene.now) }

// tell shows a short notice about an action, in place of what was said about it before.
func (a *app) tell(about keymap.Action, tone ui.Tone, text string) {
	a.toasts.Replace(string(about), tone, client.Clean(text), a.scene.now)
}

// fail shows a failed operation with its remedy.
func (a *app) fail(err error) {
	sentence, _ := explain(err)
	a.toast(ui.Bad, sentences(sentence, advice(err)))
}
