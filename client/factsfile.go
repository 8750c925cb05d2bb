package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// saveFactsEvery is the pause between two writes, on average.
const saveFactsEvery = 30 * time.Second

// readFacts gives those on the disk; none where there is no file.
func readFacts(name string) ([]fact, error) {
	file, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	data, err := io.ReadAll(io.LimitReader(file, mostFactBytes+1))
	if err != nil {
		return nil, err
	}
	if len(data) > mostFactBytes {
		return nil, errFacts
	}
	return decodeFacts(data)
}

// writeFacts replaces the file whole, so that a reader never sees half of it.
func writeFacts(name string, tunnels []fact) (err error) {
	data, err := encodeFacts(tunnels)
	if err != nil {
		return err
	}
	file, err := os.CreateTemp(filepath.Dir(name), "facts-*.tmp") // CreateTemp gives 0600
	if err != nil {
		return err
	}
	_, err = file.Write(data)
	if err = errors.Join(err, file.Close()); err == nil {
		err = os.Rename(file.Name(), name)
	}
	if err != nil {
		err = errors.Join(err, os.Remove(file.Name()))
	}
	return err
}

// recallFacts reads what earlier runs learnt. A file that cannot be understood is as good as none, and replaced in time.
func (w *Watcher) recallFacts() {
	if w.opts.CacheFile == "" {
		return
	}
	tunnels, err := readFacts(w.opts.CacheFile)
	if err != nil {
		w.opts.Log.Warn("what earlier runs knew of the tunnels is not used", "file", w.opts.CacheFile, "error", err)
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.catalogue.facts.merge(tunnels)
}

// keepFacts saves what is learnt now and then, and when the context ends.
func (w *Watcher) keepFacts(ctx context.Context) {
	if w.opts.CacheFile == "" {
		return
	}
	for {
		// Several that were started together must not go on to save at the same time.
		pause := time.Duration((0.75 + w.opts.Random()/2) * float64(saveFactsEvery))
		ended := sleep(ctx, pause) != nil
		w.saveFacts()
		if ended {
			return
		}
	}
}

// saveFacts adds to what others have saved meanwhile. There is no lock: of two that save at once one may lose some, which
// are described again the next time.
func (w *Watcher) saveFacts() {
	w.mu.Lock()
	fresh := w.catalogue.facts.fresh
	w.mu.Unlock()
	if !fresh {
		return
	}
	others, err := readFacts(w.opts.CacheFile)
	if err != nil && !errors.Is(err, errFacts) {
		w.opts.Log.Warn("what is known of the tunnels was not saved", "error", err)
		return
	}
	w.mu.Lock()
	w.catalogue.facts.merge(others)
	w.catalogue.facts.fresh = false
	tunnels := w.catalogue.facts.prune(time.Now())
	w.mu.Unlock()
	if err := writeFacts(w.opts.CacheFile, tunnels); err != nil {
		w.opts.Log.Warn("what is known of the tunnels was not saved", "error", fmt.Errorf("%s: %w", w.opts.CacheFile, err))
	}
}
