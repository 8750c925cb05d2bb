package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/dustin/go-humanize"

	"adit/tunnelconn"
)

// What --status may be.
const (
	statusAuto = "auto"
	statusJSON = "json"
)

// statusReport is a line of --status json. Its names are a contract with whoever reads it.
type statusReport struct {
	Time       time.Time       `json:"time"`
	Role       string          `json:"role"`
	State      string          `json:"state"`
	Since      time.Time       `json:"since"`
	Endpoint   string          `json:"endpoint"`
	Error      string          `json:"error,omitempty"`
	Reconnects int             `json:"reconnects"`
	RoundTrip  float64         `json:"round_trip_ms"`
	Window     int             `json:"window"`
	InFlight   int             `json:"in_flight"`
	LastError  *failureReport  `json:"last_error,omitempty"`
	Peer       string          `json:"peer"`
	ChannelID  string          `json:"channel_id,omitempty"`
	Services   []serviceReport `json:"services"`
}

type serviceReport struct {
	Service     string             `json:"service"`
	Address     string             `json:"address,omitempty"`
	Live        int                `json:"live"`
	Total       int                `json:"total"`
	Refused     int                `json:"refused"`
	Overflowed  int                `json:"overflowed"`
	Sent        uint64             `json:"sent"`
	Received    uint64             `json:"received"`
	LastError   *failureReport     `json:"last_error,omitempty"`
	Connections []connectionReport `json:"connections"`
}

type connectionReport struct {
	ID         uint64    `json:"id"`
	LocalPeer  string    `json:"local_peer,omitempty"`
	Since      time.Time `json:"since"`
	Sent       uint64    `json:"sent"`
	Received   uint64    `json:"received"`
	Outgoing   int       `json:"outgoing"`
	Incoming   int       `json:"incoming"`
	HalfClosed bool      `json:"half_closed,omitempty"`
	// Asked and Heard are left out before the first byte.
	Asked time.Time `json:"last_sent,omitzero"`
	Heard time.Time `json:"last_received,omitzero"`
}

type failureReport struct {
	Error string    `json:"error"`
	Time  time.Time `json:"time"`
}

// reportFailure is nil where nothing has failed.
func reportFailure(err error, at time.Time) *failureReport {
	if err == nil {
		return nil
	}
	return &failureReport{err.Error(), at.UTC()}
}

func writeReport(w io.Writer, s tunnelconn.Status, endpoint string, now time.Time) error {
	report := statusReport{
		Time: now.UTC(), Role: s.Role.String(), State: s.State.String(), Since: s.Since.UTC(), Endpoint: endpoint,
		Reconnects: s.Reconnects, RoundTrip: float64(s.RoundTrip) / float64(time.Millisecond),
		Window: s.Window, InFlight: s.InFlight, LastError: reportFailure(s.LastErr, s.LastErrAt),
		Peer: s.Peer.String(), ChannelID: s.ChannelID, Services: []serviceReport{},
	}
	if s.Err != nil {
		report.Error = s.Err.Error()
	}
	for _, service := range s.Services {
		connections := []connectionReport{}
		for _, c := range service.Connections {
			connections = append(connections, connectionReport{
				ID: c.ID, LocalPeer: c.LocalPeer, Since: c.Since.UTC(), Sent: c.Sent, Received: c.Received,
				Outgoing: c.Outgoing, Incoming: c.Incoming, HalfClosed: c.HalfClosed,
				Asked: c.Asked.UTC(), Heard: c.Heard.UTC(),
			})
		}
		report.Services = append(report.Services, serviceReport{
			Service: service.Service, Address: service.Address,
			Live: service.Live, Total: service.Total, Refused: service.Refused, Overflowed: service.Overflowed,
			Sent: service.Sent, Received: service.Received,
			LastError: reportFailure(service.LastErr, service.LastErrAt), Connections: connections,
		})
	}
	if err := json.NewEncoder(w).Encode(report); err != nil {
		return fmt.Errorf("write the status: %w", err)
	}
	return nil
}

// statusLine is the status in one line no wider than width columns.
func statusLine(s tunnelconn.Status, width int) string {
	parts := []string{s.Role.String() + " " + s.State.String()}
	var live, total, refused, overflowed int
	var sent, received uint64
	for _, service := range s.Services {
		if service.Address != "" {
			parts = append(parts, strings.TrimSpace(service.Service+" "+service.Address))
		}
		live, total, refused, overflowed = live+service.Live, total+service.Total, refused+service.Refused, overflowed+service.Overflowed
		sent, received = sent+service.Sent, received+service.Received
	}
	parts = append(parts, fmt.Sprintf("%d open of %d", live, total))
	if refused > 0 {
		parts = append(parts, fmt.Sprintf("%d refused", refused))
	}
	if overflowed > 0 {
		parts = append(parts, fmt.Sprintf("%d reset for taking nothing", overflowed))
	}
	parts = append(parts, fmt.Sprintf("sent %s, received %s", humanize.IBytes(sent), humanize.IBytes(received)))
	if s.RoundTrip > 0 {
		parts = append(parts, fmt.Sprintf("%d ms", s.RoundTrip.Milliseconds()))
	}
	if s.Reconnects > 0 {
		parts = append(parts, fmt.Sprintf("reconnected %d times", s.Reconnects))
	}
	return ansi.Truncate(strings.Join(parts, " | "), width, "")
}
