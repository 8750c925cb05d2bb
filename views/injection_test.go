package views

import (
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"adit/client"
	"adit/session"
	"adit/tunnelconn"
)

// The driver looks for stray sequences in every frame; what goes past the frames is looked at here.
func TestForeignTextStaysHarmlessInDetailsRecordsAndNotices(t *testing.T) {
	nasty := "\x1b[2J\x1b]52;c;aGFjaw==\a\r\n\u202egnp.exe\u2066\u009b31m;" + strings.Repeat("W\u0301世", 1024)
	for _, size := range [][2]int{{40, 10}, {80, 24}, {160, 50}} {
		onDeskOf(t, size[0], size[1], prod, func(d *desk) {
			foreign := client.Text(nasty)
			d.app.opts.Notify, d.app.opts.Tmux = NotifyOSC777, true
			d.app.open = func(*session.Shell, session.Window) error { return errors.New(nasty) }
			d.service.Put(client.Tunnel{
				Key: client.Key{ID: "tunnel-1"}, ARN: nasty, Thing: foreign, Description: foreign, CreatedAt: time.Now(), Lifetime: time.Hour,
				Services: []client.Text{"SSH", foreign}, Tags: []client.Tag{{Key: "adit:open", Value: "m " + foreign}},
			})
			d.connect()
			d.press("N")
			d.deliver(tea.BlurMsg{})
			d.service.Change("tunnel-1", func(u *client.Tunnel) {
				u.Destination = client.Side{Known: true, Connected: true, Since: time.Now()}
				u.Tags = []client.Tag{{Key: foreign, Value: foreign}}
			})
			d.pass(20 * time.Second)
			p := session.Proxy{Thing: nasty, Tunnel: d.app.selectedKey(), Status: tunnelconn.Status{
				State: tunnelconn.Connected, LastErr: errors.New(nasty), ChannelID: nasty,
				Services: []tunnelconn.ServiceStatus{{Service: nasty, Address: "127.0.0.1:1", LastErr: errors.New(nasty),
					Connections: []tunnelconn.ConnectionStatus{{ID: 1, LocalPeer: nasty, Since: time.Now()}}}},
			}}
			d.sessions.proxies = []session.Proxy{p}
			d.logs(slog.LevelError, nasty)
			d.app.opts.Journal.Add(client.Deed{Action: nasty, Object: nasty, Result: nasty, Command: nasty, Failed: true})
			for _, keys := range []string{"i", "e", "y", "2i", "2r", "4i", "5i"} {
				for _, key := range keys {
					d.press(string(key))
				}
				d.press("G", "esc", "1")
			}
			d.deliver(windowOpenedMsg{nasty, errors.New(nasty)})
			d.deliver(browsedMsg{nasty, errors.New(nasty)})
			d.deliver(savedMsg{nasty, errors.New(nasty)})
			d.deliver(copiedMsg{nasty, errors.New(nasty), nil})
			p.State, p.Err = tunnelconn.Stopped, errors.New(nasty)
			d.sessions.proxies = []session.Proxy{p}
			d.pass(12 * time.Second)
			if title := d.app.View().WindowTitle; strayControl(title) != "" {
				t.Errorf("the title is %q", title)
			}
			// What tmux passes on is a frame of two sequences around one whose escape is there twice.
			if sent := strings.Count(d.raw, "\x1bPtmux;\x1b\x1b]777;notify;adit;"); sent == 0 || strings.Count(d.raw, "\x1b") != 4*sent || strings.ContainsAny(d.raw, "\u202e\u2066\u009b\r\n") {
				t.Errorf("wrote %q", d.raw)
			}
		})
	}
}
