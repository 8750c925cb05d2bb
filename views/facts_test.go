package views

import (
	"testing"
	"time"

	"adit/client"
)

func TestWhatAnEarlierRunKnewIsShownBeforeTheTunnelIsDescribed(t *testing.T) {
	onDesk(t, func(d *desk) {
		row := client.Row{Tunnel: client.Tunnel{Key: prod.Key("x"), Context: prod, Status: client.StatusOpen, Thing: "valve-21",
			Services: []client.Text{"SSH"}, Lifetime: time.Hour, CreatedAt: time.Now().Add(-20 * time.Minute)}}
		d.deliver(snapshotMsg{epoch: d.app.connection.epoch, snapshot: &client.Snapshot{Seq: 99, Rows: []*client.Row{&row}}})
		d.sees("valve-21", "SSH", "40m", "not described yet")
		d.seesNot("never", "connected")
	})
}
