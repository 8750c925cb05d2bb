package session

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// socketPath is where a session listens.
func socketPath(run, id string) string { return filepath.Join(run, id, "s") }

// runDir is the directory of one shell: its socket, its ssh_config, and a file that its process keeps locked. The system
// lets the lock go when the process ends, however it ends, so that a free lock is the proof that nobody uses the directory.
type runDir struct {
	id, path string
	lock     *os.File
}

// mostRunDirs bounds how often another adit's clean-up may be just faster than the lock.
const mostRunDirs = 5

// newRunDir makes a directory and locks it.
func newRunDir(run string) (*runDir, error) {
	var err error
	for range mostRunDirs {
		d := &runDir{id: newID()}
		d.path = filepath.Join(run, d.id)
		if err = os.Mkdir(d.path, 0o700); err != nil {
			break
		}
		if d.lock, err = lockRunDir(d.path); err == nil {
			return d, nil
		}
		_ = os.RemoveAll(d.path)
	}
	return nil, fmt.Errorf("no directory for ssh could be made in %s: %w", run, err)
}

var errInUse = errors.New("another process uses it")

// lockRunDir takes a directory that nobody uses.
func lockRunDir(dir string) (*os.File, error) {
	name := filepath.Join(dir, "lock")
	f, err := os.OpenFile(name, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	ok, err := tryLock(f)
	if err == nil && !ok {
		err = errInUse
	}
	if err == nil {
		// Another process may have removed the file between its opening and its locking: a lock on nothing.
		err = stillThere(f, name)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

func stillThere(f *os.File, name string) error {
	ours, err := f.Stat()
	if err != nil {
		return err
	}
	there, err := os.Stat(name)
	if err == nil && !os.SameFile(ours, there) {
		err = errInUse
	}
	return err
}

// remove clears the directory, then lets the lock go; Windows removes no file that is open, so what is left goes after.
func (d *runDir) remove() {
	_ = os.RemoveAll(d.path)
	_ = d.lock.Close()
	_ = os.RemoveAll(d.path)
}

// removeAbandoned clears what processes left behind that were killed. A directory that a living adit has, this one or
// another, is locked and stays.
func removeAbandoned(run string) {
	if info, err := os.Lstat(run); err != nil || !info.IsDir() || !ownedByUs(info) {
		return
	}
	entries, err := os.ReadDir(run)
	if err != nil {
		return
	}
	for _, entry := range entries {
		if !entry.IsDir() || !sessionID.MatchString(entry.Name()) {
			continue
		}
		path := filepath.Join(run, entry.Name())
		if lock, err := lockRunDir(path); err == nil {
			(&runDir{id: entry.Name(), path: path, lock: lock}).remove()
		}
	}
}
