package session

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"github.com/adrg/xdg"
)

// Paths are the directories of one adit; the demo has its own State.
type Paths struct {
	Config string // settings.yaml
	State  string // state.json, known_hosts, adit.log
	Run    string // sockets and per-run ssh_config
}

// maxSocketPath is the longest path of a Unix socket that every system takes: macOS has 104 bytes with the closing zero.
const maxSocketPath = 103

// DefaultPaths are the directories of this user by the XDG rules, or those that ADIT_CONFIG_DIR, ADIT_STATE_DIR and
// ADIT_RUN_DIR name. The demo shares all but the state, so that `adit connect` need not know which of them runs.
func DefaultPaths(demo bool) (Paths, error) {
	p := Paths{
		Config: directory("ADIT_CONFIG_DIR", filepath.Join(xdg.ConfigHome, "adit")),
		State:  directory("ADIT_STATE_DIR", filepath.Join(xdg.StateHome, "adit")),
		Run:    directory("ADIT_RUN_DIR", defaultRun()),
	}
	if demo {
		p.State = filepath.Join(p.State, "demo")
	}
	for _, dir := range []*string{&p.Config, &p.State, &p.Run} {
		abs, err := filepath.Abs(*dir)
		if err != nil {
			return Paths{}, fmt.Errorf("the directory %s cannot be made absolute: %w", *dir, err)
		}
		*dir = abs
	}
	return p, nil
}

func directory(variable, otherwise string) string {
	if dir := os.Getenv(variable); dir != "" {
		return dir
	}
	return otherwise
}

// defaultRun lies under XDG_RUNTIME_DIR where that is ours and short enough for a socket, else in a directory of the
// user's own among the temporary files. The choice depends on nothing but the environment, so that ssh's children agree.
func defaultRun() string {
	temporary := filepath.Join(os.TempDir(), "adit-"+strconv.Itoa(os.Geteuid()))
	runtime := os.Getenv("XDG_RUNTIME_DIR")
	if runtime == "" {
		return temporary
	}
	if info, err := os.Stat(runtime); err != nil || !info.IsDir() || !ownedByUs(info) {
		return temporary
	}
	run := filepath.Join(runtime, "adit")
	if len(socketPath(run, newID())) > maxSocketPath {
		return temporary
	}
	return run
}

// privateDir makes sure of a directory that is ours alone. One that another user could have made, as is easy among the
// temporary files, is refused.
func privateDir(dir string) error {
	made := os.MkdirAll(dir, 0o700)
	info, err := os.Lstat(dir)
	switch {
	case err != nil && made != nil:
		return fmt.Errorf("the directory %s cannot be made: %w. Check who owns its parent, and that the disk is neither full nor read-only", dir, made)
	case err != nil:
		return fmt.Errorf("the directory %s cannot be read: %w", dir, err)
	case !info.IsDir():
		return fmt.Errorf("%s is not a directory: remove it, or name another place by ADIT_RUN_DIR or ADIT_STATE_DIR", dir)
	case !ownedByUs(info):
		return fmt.Errorf("%s belongs to another user, so adit does not use it: name another place by ADIT_RUN_DIR or ADIT_STATE_DIR", dir)
	case info.Mode().Perm()&0o077 != 0:
		if err := os.Chmod(dir, 0o700); err != nil {
			return fmt.Errorf("%s can be read by others, and that cannot be changed: %w", dir, err)
		}
	}
	return nil
}

// missing tells an absent file from one that cannot be read.
func missing(err error) bool { return errors.Is(err, fs.ErrNotExist) }
