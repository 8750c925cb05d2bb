package client

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"
)

// mostDeeds bounds a Journal: a busy week.
const mostDeeds = 2000

// Deed is one thing that adit did, or tried to. None of its texts holds a secret.
type Deed struct {
	// N counts the deeds of a Journal from one.
	N    uint64
	At   time.Time
	Took time.Duration
	// Context is where, zero for what concerns this computer alone.
	Context Context
	// Action is an operation of the API, such as OpenTunnel, or a few words, such as "local proxy".
	Action string
	// Object is what it was done to, such as `thing "pump-07"`.
	Object string
	Failed bool
	// Result says how it ended in a sentence, "ok" where there is nothing to say.
	Result string
	// Command is the equivalent `aws` command, "" without one.
	Command string
}

// Journal remembers what adit did, the latest 2000 deeds, and counts what it only asked. It is safe for concurrent use;
// a nil Journal remembers nothing.
type Journal struct {
	mu    sync.Mutex
	count uint64
	deeds []Deed // the oldest first
	asked map[string]Asked
}

// Asked counts the calls of an operation that changes nothing.
type Asked struct {
	Operation     string
	Calls, Failed int
}

// NewJournal makes an empty Journal.
func NewJournal() *Journal { return &Journal{asked: map[string]Asked{}} }

// Add notes a deed. Its texts are cleaned.
func (j *Journal) Add(d Deed) {
	if j == nil {
		return
	}
	d.Action, d.Object, d.Result, d.Command = Clean(d.Action), Clean(d.Object), cmp.Or(Clean(d.Result), "ok"), Clean(d.Command)
	j.mu.Lock()
	defer j.mu.Unlock()
	j.count++
	d.N = j.count
	j.deeds = append(j.deeds, d)
	if over := len(j.deeds) - mostDeeds; over > 0 {
		j.deeds = slices.Delete(j.deeds, 0, over)
	}
}

// ask counts a call that changes nothing.
func (j *Journal) ask(operation string, err error) {
	if j == nil {
		return
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	now := j.asked[operation]
	now.Operation = operation
	now.Calls++
	if err != nil && KindOf(err) != KindCancelled {
		now.Failed++
	}
	j.asked[operation] = now
}

// Deeds are the latest, the newest first.
func (j *Journal) Deeds() []Deed {
	if j == nil {
		return nil
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	deeds := slices.Clone(j.deeds)
	slices.Reverse(deeds)
	return deeds
}

// Count grows with each deed: who has seen all up to it need not look again.
func (j *Journal) Count() uint64 {
	if j == nil {
		return 0
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.count
}

// Asked tells how often each operation was called that changes nothing, by its name.
func (j *Journal) Asked() []Asked {
	if j == nil {
		return nil
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	all := make([]Asked, 0, len(j.asked))
	for _, a := range j.asked {
		all = append(all, a)
	}
	slices.SortFunc(all, func(a, b Asked) int { return cmp.Compare(a.Operation, b.Operation) })
	return all
}

// Write writes the deeds as lines of JSON, the oldest first, as they are exported.
func (j *Journal) Write(w io.Writer) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	for _, d := range slices.Backward(j.Deeds()) {
		line := struct {
			Time     time.Time `json:"time"`
			TookMS   int64     `json:"took_ms"`
			Profile  string    `json:"profile,omitempty"`
			Account  string    `json:"account,omitempty"`
			Region   string    `json:"region,omitempty"`
			Endpoint string    `json:"endpoint,omitempty"`
			Action   string    `json:"action"`
			Object   string    `json:"object,omitempty"`
			OK       bool      `json:"ok"`
			Result   string    `json:"result"`
			Command  string    `json:"command,omitempty"`
		}{
			d.At, d.Took.Milliseconds(), d.Context.Profile, d.Context.Account, d.Context.Region, d.Context.Endpoint,
			d.Action, d.Object, !d.Failed, d.Result, d.Command,
		}
		if err := encoder.Encode(line); err != nil {
			return fmt.Errorf("write the activity: %w", err)
		}
	}
	return nil
}
