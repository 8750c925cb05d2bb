// Package views is the screen: the app model that routes keys and answers, and one file for each view and overlay.
// It owns no socket and no AWS SDK: it reads snapshots, and what it wants done it asks of package session and of
// client.Service in commands.
//
// A key goes to the front scope (overlay, then view, then global), becomes an action of package keymap, and the action
// is either run or refused with a reason. A message goes to the app alone: overlays take keys, never data. A command
// captures its arguments and stamps its answer with the epoch of the connection it was asked for; a read of an older
// epoch is dropped, the result of a change is always recorded.
package views

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"adit/client"
	"adit/keymap"
	"adit/session"
	"adit/settings"
	"adit/ui"
)

// Backend is what a connected screen works with.
type Backend struct {
	// Services of the contexts shown, one for each place; at least one.
	Services []client.Service
	// Places are what was asked for, Failed those of them that did not come.
	Places  []Place
	Failed  []Failed
	Watcher *client.Watcher
	// Roster asks the registries for the things; nil where there is none.
	Roster   *client.Roster
	Sessions *session.Sessions
	// Things are the names known beside those of the tunnels, such as the demo's fleet.
	Things []string
	// Defaults are what a person chose for a context: what a new tunnel begins with, the ssh user, the mark of production.
	// nil for adit's own.
	Defaults func(client.Context) settings.Defaults
	// Arrangement is how the list was left, and Arrange keeps it changed; nil keeps nothing.
	Arrangement session.Arrangement
	Arrange     func(edit func(*session.Arrangement)) error
	// Close ends everything of the backend, proxies included; nil where it shares that with others.
	Close func() error
	// About are lines for the help overlay, such as the demo's endpoint for other clients.
	About []string
	// Notices are sentences to be shown once, such as that a setting was not followed.
	Notices []string
}

// Options of a screen.
type Options struct {
	// Connect makes the backend; the first frame does not wait for it. Its error is a screen with the remedy.
	Connect func(context.Context) (*Backend, error)
	// Demo makes the demo's backend, offered where Connect failed; nil in the demo itself.
	Demo func(context.Context) (*Backend, error)
	// Contexts is how to go to other profiles and regions; nil where there are none, as in the demo.
	Contexts *Contexts
	// Trying says what Connect tries, such as "profile prod, region eu-west-1".
	Trying string
	Keys   *keymap.Map
	Look   ui.Look
	// FollowTerminal lets the terminal's background decide between dark and light.
	FollowTerminal bool
	// Now is the clock.
	Now func() time.Time
	// Command is the equivalent `aws` command's global part, such as "--profile prod --region eu-west-1".
	Command string
	// Journal holds what adit did, Log what it logged lately; nil for nothing.
	Journal *client.Journal
	Log     LogBook
	// Save writes a new file that only this user may read, and says where: a name without a path goes to the state directory.
	Save func(path string, content []byte) (string, error)
	// Copy puts a text on the clipboard; nil leaves it to the terminal (OSC 52).
	Copy func(text string) error
	// Tmux tells that adit runs inside of tmux, so that a shell may get a window of its own.
	Tmux bool
	// Notify is how to reach somebody who looks elsewhere: NotifyBell, which "" is too, NotifyOSC9, NotifyOSC777 or NotifyOff.
	Notify string
	// Browse opens a URL in the user's browser; nil where there is none.
	Browse func(url string) error
	// Filters are those that the settings name.
	Filters []settings.Named
	// Aim is where to go by itself; nil for nowhere.
	Aim *Aim
	// ReadOnly says that nothing may be changed; the Service enforces it, the screen shows it.
	ReadOnly bool
}

// New makes the program's model. The context ends what it started.
func New(ctx context.Context, opts Options) tea.Model { return newApp(ctx, opts) }
