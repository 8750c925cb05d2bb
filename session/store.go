package session

// Store is adit's memory on disk: what it opened, the protocol a thing spoke, the intents of opens that were not
// answered yet. One JSON file with a version, changed under a lock; the directory is 0700, the files 0600.
type Store struct{}

// Paths are the directories of one adit; the demo has its own State.
type Paths struct {
	Config string // settings.yaml
	State  string // state.json, known_hosts, adit.log
	Run    string // sockets and per-run ssh_config
}

// OpenStore opens or creates the state.
func OpenStore(paths Paths) (*Store, error) { panic("not built") }

// Paths of the store.
func (s *Store) Paths() Paths { panic("not built") }
