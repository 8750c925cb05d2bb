package session

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

// Store is adit's memory on disk: what it opened, the protocol a thing spoke, the intents of opens that were not
// answered yet. One JSON file with a version, changed under a lock; the directory is 0700, the files 0600. Several
// processes may share it. No token is ever in it.
type Store struct {
	paths Paths
	// create makes the file that is to replace the state, os.CreateTemp but in tests.
	create func(dir, pattern string) (newFile, error)

	mu     sync.Mutex
	notice string
}

// newFile is what is written of an *os.File before it takes the old one's place.
type newFile interface {
	io.WriteCloser
	Name() string
	Sync() error
}

// createTemp makes a file that only this user can read.
func createTemp(dir, pattern string) (newFile, error) { return os.CreateTemp(dir, pattern) }

const (
	// lockPatience is how long a change waits for another process; a change itself takes milliseconds.
	lockPatience = 5 * time.Second
	lockRetry    = 10 * time.Millisecond
)

// OpenStore opens or creates the state. A state that a newer adit wrote is an error and is left as it is; one that cannot
// be read is moved aside, and Notice says so. What killed processes left in the run directory is cleared.
func OpenStore(paths Paths) (*Store, error) {
	if err := privateDir(paths.State); err != nil {
		return nil, err
	}
	s := &Store{paths: paths, create: createTemp}
	if err := s.change(func(*state) {}); err != nil {
		return nil, err
	}
	removeAbandoned(paths.Run)
	return s, nil
}

// Paths of the store.
func (s *Store) Paths() Paths { return s.paths }

// Notice is a sentence about what happened to the state when it was read, "" when it was good.
func (s *Store) Notice() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.notice
}

func (s *Store) file() string { return filepath.Join(s.paths.State, "state.json") }

// read gives the state as it is now. Files are replaced whole, so reading needs no lock.
func (s *Store) read() (state, error) {
	data, err := os.ReadFile(s.file())
	if missing(err) {
		return state{Version: stateVersion}, nil
	}
	if err != nil {
		return state{}, fmt.Errorf("adit's state cannot be read: %w", err)
	}
	return decodeState(data)
}

// change reads, changes and writes the state while no other process does. When it returns nil the change is on the disk.
func (s *Store) change(edit func(*state)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	unlock, err := s.lock()
	if err != nil {
		return err
	}
	defer unlock()
	now, err := s.read()
	if errors.Is(err, errCorrupt) {
		aside := s.file() + ".unreadable-" + time.Now().UTC().Format("20060102T150405.000")
		if moveErr := os.Rename(s.file(), aside); moveErr != nil {
			return fmt.Errorf("adit's state %s cannot be understood, nor moved aside: %w", s.file(), moveErr)
		}
		s.notice = fmt.Sprintf("adit's state could not be understood. It was moved to %s, and adit starts with an empty one.", aside)
		now, err = state{Version: stateVersion}, nil
	}
	if err != nil {
		return fmt.Errorf("%s: %w", s.file(), err)
	}
	edit(&now)
	now.prune(time.Now())
	return s.write(now)
}

func (s *Store) lock() (unlock func(), err error) {
	name := filepath.Join(s.paths.State, "state.lock")
	f, err := os.OpenFile(name, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, s.unwritable(err)
	}
	for deadline := time.Now().Add(lockPatience); ; time.Sleep(lockRetry) {
		ok, err := tryLock(f)
		if ok {
			return func() { _ = f.Close() }, nil
		}
		if err == nil && time.Now().After(deadline) {
			err = errors.New("another adit has held it for 5 s: end that one, then try again")
		}
		if err != nil {
			return nil, errors.Join(fmt.Errorf("adit's state cannot be locked by %s: %w", name, err), f.Close())
		}
	}
}

// write replaces the file whole, so that a crash, or a disk that is full, leaves the old one.
func (s *Store) write(now state) (err error) {
	data, err := now.encode()
	if err != nil {
		return err
	}
	f, err := s.create(s.paths.State, "state-*.tmp") // CreateTemp gives 0600
	if err != nil {
		return s.unwritable(err)
	}
	defer func() {
		if err != nil {
			err = s.unwritable(err)
			_ = os.Remove(f.Name())
		}
	}()
	_, err = f.Write(data)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err = os.Rename(f.Name(), s.file()); err != nil {
		return err
	}
	return syncDir(s.paths.State)
}

// unwritable says why the state could not be written and what to do. What was in it before is still there.
func (s *Store) unwritable(err error) error {
	dir := s.paths.State
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return &Failure{Text: fmt.Sprintf("The disk, or the quota, of adit's state directory %s is full.", dir),
			Remedy: "Free some space, or name another directory by ADIT_STATE_DIR.", Err: err}
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		return &Failure{Text: fmt.Sprintf("adit's state directory %s cannot be written to.", dir),
			Remedy: "Make it writable for you, or name another one by ADIT_STATE_DIR.", Err: err}
	case missing(err), errors.Is(err, syscall.ENOTDIR):
		return &Failure{Text: fmt.Sprintf("adit's state directory %s is gone.", dir), Remedy: "Start adit again: it makes a new one.", Err: err}
	}
	return fmt.Errorf("adit's state in %s cannot be written: %w", dir, err)
}
