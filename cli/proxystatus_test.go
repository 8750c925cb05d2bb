package cli

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"adit/tunnelconn"
)

func TestTheReportHoldsWhatTheStatusHolds(t *testing.T) {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.FixedZone("", 3600))
	status := tunnelconn.Status{
		State: tunnelconn.Connected, Since: at, RoundTrip: 38500 * time.Microsecond, Window: 8192, InFlight: 4096,
		LastErr: errors.New("the link broke"), LastErrAt: at, Reconnects: 1, Peer: tunnelconn.V3, ChannelID: "0123",
		Services: []tunnelconn.ServiceStatus{{
			Service: "SSH", Address: "127.0.0.1:5555", Live: 1, Total: 14, Refused: 3, Overflowed: 2, Sent: 2048, Received: 4096,
			LastErr: tunnelconn.ErrStalled, LastErrAt: at,
			Connections: []tunnelconn.ConnectionStatus{{
				ID: 14, LocalPeer: "127.0.0.1:40000", Since: at, Sent: 48, Received: 96, Outgoing: 7, Incoming: 9, HalfClosed: true,
			}},
		}, {Service: "VNC"}},
	}
	var out bytes.Buffer
	if err := writeReport(&out, status, "data.example", at); err != nil {
		t.Fatal(err)
	}
	want := `{"time":"2026-03-01T11:00:00Z","role":"source","state":"connected","since":"2026-03-01T11:00:00Z","endpoint":"data.example",` +
		`"reconnects":1,"round_trip_ms":38.5,"window":8192,"in_flight":4096,"last_error":{"error":"the link broke","time":"2026-03-01T11:00:00Z"},` +
		`"peer":"V3","channel_id":"0123","services":[{"service":"SSH","address":"127.0.0.1:5555","live":1,"total":14,"refused":3,"overflowed":2,` +
		`"sent":2048,"received":4096,"last_error":{"error":"` + tunnelconn.ErrStalled.Error() + `","time":"2026-03-01T11:00:00Z"},` +
		`"connections":[{"id":14,"local_peer":"127.0.0.1:40000","since":"2026-03-01T11:00:00Z","sent":48,"received":96,"outgoing":7,"incoming":9,"half_closed":true}]},` +
		`{"service":"VNC","live":0,"total":0,"refused":0,"overflowed":0,"sent":0,"received":0,"connections":[]}]}` + "\n"
	if got := out.String(); got != want {
		t.Errorf("got  %swant %s", got, want)
	}
}
