package session

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"adit/client"
)

// mostJournals is how many journals are kept, the newest.
const mostJournals = 50

// Journal is the record of one Batch on the disk: a file of JSON lines in the directory "bulk" of the state, what was asked
// for first, then a line when a tunnel's turn comes and one for what became of it. No secret is in it. A nil Journal
// notes nothing.
type Journal struct {
	mu   sync.Mutex
	file *os.File
	err  error
}

// journalLine is a line of a Journal. The first has What and Count, the others Tunnel and State.
type journalLine struct {
	At    time.Time    `json:"at"`
	What  Errand       `json:"what,omitempty"`
	Count int          `json:"count,omitempty"`
	Set   []journalTag `json:"set,omitempty"`
	Unset []string     `json:"unset,omitempty"`

	Tunnel *client.Key `json:"tunnel,omitempty"`
	Thing  string      `json:"thing,omitempty"`
	State  string      `json:"state,omitempty"`
	Error  string      `json:"error,omitempty"`
}

type journalTag struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

// newJournal begins the journal of a batch.
func (s *Store) newJournal(spec BatchSpec, now time.Time) (*Journal, error) {
	dir := filepath.Join(s.paths.State, "bulk")
	if err := privateDir(dir); err != nil {
		return nil, err
	}
	pruneJournals(dir)
	file, err := os.CreateTemp(dir, now.UTC().Format("20060102T150405")+"-"+string(spec.Errand)+"-*.jsonl") // CreateTemp gives 0600
	if err != nil {
		return nil, fmt.Errorf("the journal of the errand cannot be made, and nothing was begun: %w", err)
	}
	first := journalLine{At: now, What: spec.Errand, Count: len(spec.Items), Unset: spec.Unset}
	for _, t := range spec.Set {
		first.Set = append(first.Set, journalTag{t.Key.Raw(), t.Value.Raw()})
	}
	j := &Journal{file: file}
	j.write(first)
	if j.err != nil {
		return nil, errors.Join(fmt.Errorf("the journal of the errand cannot be written, and nothing was begun: %w", j.err), file.Close())
	}
	return j, nil
}

// pruneJournals removes the oldest; their names begin with the time.
func pruneJournals(dir string) {
	names, _ := filepath.Glob(filepath.Join(dir, "*.jsonl"))
	slices.Sort(names)
	for len(names) >= mostJournals {
		_ = os.Remove(names[0])
		names = names[1:]
	}
}

// note writes how far a tunnel is.
func (j *Journal) note(t client.Tunnel, r ItemResult) {
	if j == nil {
		return
	}
	line := journalLine{At: time.Now(), Tunnel: &t.Key, Thing: t.Thing.Raw(), State: r.State.word()}
	if r.Err != nil {
		line.Error = client.Clean(r.Err.Error())
	}
	j.write(line)
}

func (j *Journal) write(line journalLine) {
	data, err := json.Marshal(line)
	j.mu.Lock()
	defer j.mu.Unlock()
	if err == nil && j.err == nil {
		_, err = j.file.Write(append(data, '\n'))
	}
	j.err = errors.Join(j.err, err)
}

// close ends it and says why it could not be written, nil when all of it was.
func (j *Journal) close() error {
	if j == nil {
		return nil
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	return errors.Join(j.err, j.file.Close())
}

// word is a state as the journal has it.
func (s ItemState) word() string {
	return [...]string{"waiting", "begun", "done", "spared", "unchanged", "failed", "left"}[s]
}
