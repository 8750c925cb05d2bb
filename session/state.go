package session

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"adit/client"
	"adit/tunnelconn"
)

// stateVersion grows when an older adit could misread the file.
const stateVersion = 1

// forgetAfter is how long an open is remembered: a tunnel lives 12 h at most and stays listed for three more.
const forgetAfter = 24 * time.Hour

var errCorrupt = errors.New("the file cannot be understood")

// state is the content of state.json.
type state struct {
	Version int            `json:"version"`
	Intents []intent       `json:"intents,omitempty"`
	Opened  []OpenedTunnel `json:"opened,omitempty"`
	Peers   []peer         `json:"peers,omitempty"`
	Used    []visit        `json:"used,omitempty"`
	Billed  []visit        `json:"billed,omitempty"`
	// Arrangements are how the lists were left, by profile.
	Arrangements map[string]Arrangement `json:"arrangements,omitempty"`
}

// intent is an open that was about to be asked for, written before the request leaves.
type intent struct {
	Marker  string    `json:"marker"`
	Scope   scope     `json:"scope"`
	Profile string    `json:"profile,omitempty"`
	Thing   string    `json:"thing,omitempty"`
	At      time.Time `json:"at"`
}

// OpenedTunnel is a tunnel that adit opened.
type OpenedTunnel struct {
	Key   client.Key `json:"key"`
	Thing string     `json:"thing,omitempty"`
	At    time.Time  `json:"at"`
	// Ends is when its lifetime runs out, zero where that is not known.
	Ends time.Time `json:"ends,omitzero"`
}

// over tells whether a tunnel cannot be used any more, as far as the screen's poller knows.
func (o OpenedTunnel) over(seen *client.Snapshot, now time.Time) bool {
	if !o.Ends.IsZero() && !now.Before(o.Ends) {
		return true
	}
	row, ok := seen.Row(o.Key)
	ends := row.Ends()
	return ok && (!row.Open() || !ends.IsZero() && !now.Before(ends))
}

// scope tells the same thing name apart in other accounts, regions and services.
type scope struct {
	Endpoint string `json:"endpoint,omitempty"`
	Account  string `json:"account,omitempty"`
	Region   string `json:"region,omitempty"`
}

// scopeOf is a context's scope. The demo serves on other ports each time and is the same demo all the same.
func scopeOf(c client.Context) scope {
	if c.Demo {
		return scope{Endpoint: "demo", Account: c.Account, Region: c.Region}
	}
	return scope{Endpoint: c.Endpoint, Account: c.Account, Region: c.Region}
}

// peer is an old protocol that a thing spoke. V3 is not worth remembering: a source that knows nothing speaks it anyway.
type peer struct {
	Scope   scope              `json:"scope"`
	Thing   string             `json:"thing"`
	Version tunnelconn.Version `json:"version"`
}

func decodeState(data []byte) (state, error) {
	var version struct {
		Version int `json:"version"`
	}
	if err := json.Unmarshal(data, &version); err != nil {
		return state{}, errCorrupt
	}
	if version.Version > stateVersion {
		return state{}, fmt.Errorf("a newer adit wrote this state (version %d, this adit knows %d): use that one, or set ADIT_STATE_DIR to a directory of its own", version.Version, stateVersion)
	}
	var s state
	decoder := json.NewDecoder(bytes.NewReader(data))
	if err := decoder.Decode(&s); err != nil || s.Version < 1 || decoder.More() {
		return state{}, errCorrupt
	}
	for _, p := range s.Peers {
		if p.Version > tunnelconn.V3 {
			return state{}, errCorrupt
		}
	}
	return s, nil
}

func (s state) encode() ([]byte, error) {
	s.Version = stateVersion
	data, err := json.MarshalIndent(s, "", "  ")
	return append(data, '\n'), err
}

func (s *state) prune(now time.Time) {
	s.Opened = slices.DeleteFunc(s.Opened, func(o OpenedTunnel) bool { return now.Sub(o.At) > forgetAfter })
	s.Intents = slices.DeleteFunc(s.Intents, func(i intent) bool { return now.Sub(i.At) > forgetAfter })
	s.Billed = slices.DeleteFunc(s.Billed, func(v visit) bool { return now.Sub(v.At) > forgetBilled })
	s.Used = slices.DeleteFunc(s.Used, func(v visit) bool { return now.Sub(v.At) > forgetUsed })
}

func (s *state) forgetIntent(marker string) {
	s.Intents = slices.DeleteFunc(s.Intents, func(i intent) bool { return i.Marker == marker })
}

func (s *state) forgetOpened(key client.Key) {
	s.Opened = slices.DeleteFunc(s.Opened, func(o OpenedTunnel) bool { return o.Key == key })
}

func (s *state) addOpened(o OpenedTunnel) {
	s.forgetOpened(o.Key)
	s.Opened = append(s.Opened, o)
}

func (s *state) intended(marker string) (intent, bool) {
	i := slices.IndexFunc(s.Intents, func(i intent) bool { return i.Marker == marker })
	if i < 0 {
		return intent{}, false
	}
	return s.Intents[i], true
}

func (s *state) peerOf(where scope, thing string) tunnelconn.Version {
	for _, p := range s.Peers {
		if p.Scope == where && p.Thing == thing {
			return p.Version
		}
	}
	return tunnelconn.Auto
}

func (s *state) learn(where scope, thing string, version tunnelconn.Version) {
	s.Peers = slices.DeleteFunc(s.Peers, func(p peer) bool { return p.Scope == where && p.Thing == thing })
	if version == tunnelconn.V1 || version == tunnelconn.V2 {
		s.Peers = append(s.Peers, peer{where, thing, version})
	}
}
