package views

import (
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"adit/client"
	"adit/keymap"
	"adit/ui"
)

// endNear is the life of a tunnel that is warned of.
const endNear = 5 * time.Minute

// notices are what the user wants to be told of, and what was told.
type notices struct {
	// watched are the tunnels whose device is waited for, with whether it was connected when they were last looked at.
	watched map[client.Key]bool
	// warned are those of whose end was told.
	warned map[client.Key]bool
	// indexless are the places of which it was told that the fleet index does not help.
	indexless map[client.Key]bool
	// headline is the latest alert that nobody has seen yet, for the window's title; pending are those to send.
	headline string
	pending  []string
}

func newNotices() notices {
	return notices{watched: map[client.Key]bool{}, warned: map[client.Key]bool{}, indexless: map[client.Key]bool{}}
}

// watch has the user told when the selected tunnel's device connects, or no longer.
func (a *app) watch() tea.Cmd {
	row, _ := a.selected()
	if _, on := a.notices.watched[row.Key]; on {
		delete(a.notices.watched, row.Key)
		a.tell(keymap.TunnelWatch, ui.Plain, label(row.Tunnel)+" is not watched any more.")
		return nil
	}
	a.notices.watched[row.Key] = row.Destination.Connected
	text := "adit tells you when " + label(row.Tunnel) + " connects."
	if row.Destination.Connected {
		text = "adit tells you when " + label(row.Tunnel) + " connects again."
	}
	a.tell(keymap.TunnelWatch, ui.Good, text)
	return nil
}

// watchOver tells of devices that came and of tunnels whose end is near.
func (a *app) watchOver() {
	for key, before := range a.notices.watched {
		row, ok := a.known.Row(key)
		if !ok || !row.Open() {
			if ok {
				delete(a.notices.watched, key)
			}
			continue
		}
		if now := row.Destination.Connected; now != before {
			a.notices.watched[key] = now
			if now {
				a.toast(ui.Good, label(row.Tunnel)+" is connected.")
				a.alert(label(row.Tunnel) + " is connected")
			}
		}
	}
	for _, key := range a.ours() {
		row, ok := a.known.Row(key)
		if !ok || !row.Open() || row.Ends().IsZero() || a.notices.warned[key] {
			continue
		}
		if left := row.Ends().Sub(a.scene.now); left > 0 && left <= endNear {
			a.notices.warned[key] = true
			a.toast(ui.Warn, "The tunnel to "+label(row.Tunnel)+" ends at "+a.scene.clock(row.Ends())+", in "+ui.Countdown(left)+", and cannot be extended.")
			a.alertBlurred("the tunnel to " + label(row.Tunnel) + " ends in " + ui.Countdown(left))
		}
	}
}

// ours are the tunnels whose end concerns the user: watched, carried by a local proxy, or opened here.
func (a *app) ours() []client.Key {
	var keys []client.Key
	for key := range a.notices.watched {
		keys = append(keys, key)
	}
	for key := range a.proxiesByTunnel() {
		keys = append(keys, key)
	}
	for _, o := range a.sessions.OpenedHere() {
		keys = append(keys, o.Key)
	}
	return keys
}

// alert reaches for somebody who may look elsewhere.
func (a *app) alert(text string) {
	a.notices.pending = append(a.notices.pending, client.Clean(text))
	if a.blurred {
		a.notices.headline = client.Clean(text)
	}
}

// alertBlurred is for what the screen itself tells to somebody who looks at it.
func (a *app) alertBlurred(text string) {
	if a.blurred {
		a.alert(text)
	}
}

// sendAlerts writes what is to reach the user past the screen, once for all that came together.
func (a *app) sendAlerts(cmd tea.Cmd) tea.Cmd {
	if len(a.notices.pending) == 0 {
		return cmd
	}
	sequence := notification(a.opts.Notify, strings.Join(a.notices.pending, "; "))
	if a.opts.Tmux {
		sequence = passedThrough(sequence)
	}
	a.notices.pending = nil
	if sequence == "" {
		return cmd
	}
	return tea.Batch(cmd, tea.Raw(sequence))
}

// The ways to notify: the terminal's bell, or a notification of the desktop by the sequences of iTerm2 (OSC 9, which others
// know too) or rxvt (OSC 777).
const (
	NotifyBell   = "bell"
	NotifyOSC9   = "osc9"
	NotifyOSC777 = "osc777"
	NotifyOff    = "off"
)

// notification is the sequence for a text, "" for none. The text is clean; what parts the fields of a sequence goes.
func notification(way, text string) string {
	switch way {
	case NotifyOff:
		return ""
	case NotifyOSC9:
		return "\x1b]9;adit: " + text + "\a"
	case NotifyOSC777:
		return "\x1b]777;notify;adit;" + strings.ReplaceAll(text, ";", ",") + "\a"
	}
	return "\a"
}

// passedThrough has tmux hand a sequence on to the terminal it runs in, which it does where its allow-passthrough is on; by
// itself it drops what it does not know. A bell it knows.
func passedThrough(sequence string) string {
	if !strings.HasPrefix(sequence, "\x1b") {
		return sequence
	}
	return "\x1bPtmux;" + strings.ReplaceAll(sequence, "\x1b", "\x1b\x1b") + "\x1b\\"
}

// progressBar is what the terminal shows of what is under way, nil for nothing.
func (a *app) progressBar() *tea.ProgressBar {
	if a.bulkRuns() {
		done, all, failed := a.bulk.counts()
		state := tea.ProgressBarDefault
		if failed {
			state = tea.ProgressBarError
		}
		return tea.NewProgressBar(state, 100*done/max(all, 1))
	}
	if a.trip != nil && a.trip.running() || a.trial != nil && a.trial.err == nil {
		return tea.NewProgressBar(tea.ProgressBarIndeterminate, 0)
	}
	return nil
}
