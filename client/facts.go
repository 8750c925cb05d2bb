package client

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"time"
	"unicode/utf8"
)

const (
	// factsVersion grows when an older adit could misread the file.
	factsVersion = 1
	// mostFacts bounds how many tunnels are remembered, the newest first, and mostFactBytes the file that is read.
	mostFacts     = 5000
	mostFactBytes = 4 << 20
	// factsFor is how long they are of use: a tunnel lives 12 h at most and stays listed for about three more.
	factsFor = 24 * time.Hour
)

// fact is what DescribeTunnel told of a tunnel and what never changes. Who is connected and the tags are no facts.
type fact struct {
	Key       Key           `json:"key"`
	Thing     Text          `json:"thing,omitempty"`
	Services  []Text        `json:"services,omitempty"`
	Lifetime  time.Duration `json:"lifetime"`
	CreatedAt time.Time     `json:"createdAt"`
}

// valid tells whether the service could have said so.
func (f fact) valid() bool {
	texts := append([]Text{f.Thing}, f.Services...)
	broken := slices.ContainsFunc(texts, func(t Text) bool { return len(t) > cleanLimit || !utf8.ValidString(string(t)) })
	return f.Key.ID != "" && !f.CreatedAt.IsZero() && f.Lifetime > 0 && f.Lifetime <= MaxLifetime && !broken
}

// facts are those of the tunnels that were seen of late. They know no clock and no file.
type facts struct {
	known map[Key]fact
	// fresh: there are some that were not saved.
	fresh bool
}

func newFacts() *facts { return &facts{known: map[Key]fact{}} }

// learn takes an answer of DescribeTunnel.
func (f *facts) learn(t Tunnel) {
	known := fact{t.Key, t.Thing, t.Services, t.Lifetime, t.CreatedAt}
	if old, ok := f.known[t.Key]; ok && old.CreatedAt.Equal(t.CreatedAt) || !known.valid() {
		return
	}
	f.known[t.Key] = known
	f.fresh = true
}

// recall completes a tunnel that is only listed. One of another birthday is another tunnel.
func (f *facts) recall(t *Tunnel) {
	known, ok := f.known[t.Key]
	if !ok || t.Described || !known.CreatedAt.Equal(t.CreatedAt) {
		return
	}
	t.Thing, t.Services, t.Lifetime = known.Thing, slices.Clone(known.Services), known.Lifetime
}

// merge takes what another adit has learnt.
func (f *facts) merge(others []fact) {
	for _, other := range others {
		if _, ok := f.known[other.Key]; !ok {
			f.known[other.Key] = other
		}
	}
}

// prune forgets what is too old, or too much, and lists the rest, newest first.
func (f *facts) prune(now time.Time) []fact {
	kept := make([]fact, 0, len(f.known))
	for _, known := range f.known {
		if now.Sub(known.CreatedAt) < factsFor {
			kept = append(kept, known)
		}
	}
	slices.SortFunc(kept, func(a, b fact) int { return b.CreatedAt.Compare(a.CreatedAt) })
	kept = kept[:min(len(kept), mostFacts)]
	clear(f.known)
	f.merge(kept)
	return kept
}

type factsContent struct {
	Version int    `json:"version"`
	Tunnels []fact `json:"tunnels"`
}

var errFacts = errors.New("these are not the facts that this adit writes")

func decodeFacts(data []byte) ([]fact, error) {
	var content factsContent
	decoder := json.NewDecoder(bytes.NewReader(data))
	if err := decoder.Decode(&content); err != nil || content.Version != factsVersion || decoder.More() || len(content.Tunnels) > mostFacts {
		return nil, errFacts
	}
	if slices.ContainsFunc(content.Tunnels, func(f fact) bool { return !f.valid() }) {
		return nil, errFacts
	}
	return content.Tunnels, nil
}

func encodeFacts(tunnels []fact) ([]byte, error) {
	return json.Marshal(factsContent{factsVersion, tunnels})
}
