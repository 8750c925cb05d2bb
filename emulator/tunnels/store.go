package tunnels

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"adit/emulator/choices"
)

// DefaultLifetime is a tunnel's, and the longest there is.
const DefaultLifetime = 12 * time.Hour

// Config of a Store. Fields without a default are required.
type Config struct {
	Now func() time.Time
	// After runs f once after d, in another goroutine or at least not before it has returned.
	After func(d time.Duration, f func()) (stop func() bool)
	// Choices are what is done where AWS's behaviour is unknown; the zero value has the defaults.
	Choices choices.Set
	// Notify hands a new destination token to a device. It is called after the change, without any lock.
	Notify func(Notification)
}

// Notification is what a device is told.
type Notification struct {
	Thing, Region, DestinationToken string
	Services                        []string
}

// Store holds the tunnels. It is safe for concurrent use.
type Store struct {
	cfg Config

	mu     sync.Mutex
	byID   map[string]*record
	scopes map[Scope][]*record // oldest first
	grants map[shelf]*grant
	// clients are the client tokens bound in open tunnels.
	clients map[accountToken]bool
	agenda  agenda
	journal journal
	nextSeq uint64
}

// record is a tunnel with what nobody outside sees.
type record struct {
	Tunnel
	// seq orders tunnels created in the same millisecond.
	seq      uint64
	closedAt time.Time
	// due is when the clock changes the record next: its end, then its removal.
	due     time.Time
	grants  [2]*grant
	seats   [2]*Seat
	clients []accountToken
}

// New makes an empty Store.
func New(cfg Config) *Store {
	return &Store{
		cfg:     cfg,
		byID:    map[string]*record{},
		scopes:  map[Scope][]*record{},
		grants:  map[shelf]*grant{},
		clients: map[accountToken]bool{},
	}
}

// OpenInput describes a tunnel to be. The zero value is a valid one.
type OpenInput struct {
	Description string
	Destination *DestinationConfig
	// Lifetime is DefaultLifetime when zero.
	Lifetime time.Duration
	Tags     []Tag
	// CreatedAt is now when zero; a past one makes a tunnel that is that old already.
	CreatedAt time.Time
}

// Opened is a new tunnel and its two tokens, which nobody can ask for again.
type Opened struct {
	Tunnel                        Tunnel
	SourceToken, DestinationToken string
}

// Open makes a tunnel and notifies its thing.
func (s *Store) Open(scope Scope, in OpenInput) (Opened, error) {
	if err := s.checkServices(in.Destination); err != nil {
		return Opened{}, err
	}
	tags := mergeTags(nil, in.Tags)
	if err := s.checkTags(tags); err != nil {
		return Opened{}, err
	}
	out := s.open(scope, in, tags)
	if out.Tunnel.Status == Open {
		s.notify(out.Tunnel.Region, in.Destination, out.DestinationToken)
	}
	return out, nil
}

func (s *Store) checkServices(d *DestinationConfig) error {
	most := s.cfg.Choices.Number(choices.MaxServices)
	if d == nil || len(d.Services) <= most {
		return nil
	}
	return s.failure(choices.TooManyServices, "A tunnel has at most %d services; the request names %d.", most, len(d.Services))
}

func (s *Store) open(scope Scope, in OpenInput, tags []Tag) (out Opened) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.advance()
	created := now
	if !in.CreatedAt.IsZero() {
		created = in.CreatedAt.Truncate(time.Millisecond)
	}
	if in.Lifetime == 0 {
		in.Lifetime = DefaultLifetime
	}
	s.nextSeq++
	r := &record{seq: s.nextSeq, Tunnel: Tunnel{
		Scope: scope, ID: uuid.NewString(), Status: Open,
		Description: in.Description, Destination: in.Destination, Lifetime: in.Lifetime, Tags: tags,
		CreatedAt: created, UpdatedAt: created,
	}}
	s.journal.note(now, r, false)
	s.byID[r.ID] = r
	inScope := s.scopes[scope]
	at, _ := slices.BinarySearchFunc(inScope, r, byAge)
	s.scopes[scope] = slices.Insert(inScope, at, r)
	out.SourceToken, out.DestinationToken = s.issue(r, Source), s.issue(r, Destination)
	s.schedule(r, r.Ends())
	s.advance()
	out.Tunnel = r.clone()
	return out
}

// notify must be called without the lock.
func (s *Store) notify(region string, to *DestinationConfig, token string) {
	if to != nil && to.Thing != "" {
		s.cfg.Notify(Notification{Thing: to.Thing, Region: region, Services: to.Services, DestinationToken: token})
	}
}

// Describe gives a tunnel.
func (s *Store) Describe(scope Scope, id string) (Tunnel, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.advance()
	r, err := s.find(scope, id)
	if err != nil {
		return Tunnel{}, err
	}
	return r.clone(), nil
}

// find must be called with the lock.
func (s *Store) find(scope Scope, id string) (*record, error) {
	r := s.byID[id]
	if r == nil || r.Scope != scope {
		return nil, scope.notFound(id)
	}
	return r, nil
}

// Close ends a tunnel; closing one that is closed changes nothing, or is an error. With forget its record goes at once.
func (s *Store) Close(scope Scope, id string, forget bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.advance()
	r, err := s.find(scope, id)
	if err != nil {
		return err
	}
	switch {
	case r.Status == Open:
		s.end(r, now, ClosedByAPI)
	case !forget && !s.cfg.Choices.Is(choices.CloseClosed, "ok"):
		return s.failure(choices.CloseClosed, "Tunnel %s is closed already.", id)
	}
	if forget {
		s.remove(r)
	}
	return nil
}

// Mode names the side(s) a rotation is for.
type Mode string

const (
	RotateSource      Mode = "SOURCE"
	RotateDestination Mode = "DESTINATION"
	RotateAll         Mode = "ALL"
)

// Rotate replaces the token(s) of an open tunnel, cuts who holds the side(s) and tells the thing of a new destination
// token. The token of a side that was not rotated is "". to says whom and what to tell where it differs from what the
// tunnel was opened with; what the tunnel was opened with stays, unless it is chosen that to takes its place.
func (s *Store) Rotate(scope Scope, id string, mode Mode, to *DestinationConfig) (Opened, error) {
	if err := s.checkServices(to); err != nil {
		return Opened{}, err
	}
	out, told, err := s.rotate(scope, id, mode, to)
	if err == nil && out.DestinationToken != "" {
		s.notify(out.Tunnel.Region, told, out.DestinationToken)
	}
	return out, err
}

// rotate is Rotate without the notification; told is whom it is for, nil for nobody.
func (s *Store) rotate(scope Scope, id string, mode Mode, to *DestinationConfig) (out Opened, told *DestinationConfig, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.advance()
	r, err := s.find(scope, id)
	if err != nil {
		return out, nil, err
	}
	if r.Status == Closed && !s.cfg.Choices.Is(choices.RotateClosed, "ok") {
		return out, nil, s.failure(choices.RotateClosed, "Tunnel %s is closed, and a closed tunnel never opens again.", id)
	}
	s.journal.note(now, r, true)
	switch {
	case to == nil && s.cfg.Choices.Is(choices.BareRotation, "notify"):
		told = r.Destination
	case to != nil:
		told = &DestinationConfig{Thing: cmp.Or(to.Thing, r.thing()), Services: to.Services}
		if s.cfg.Choices.Is(choices.RotationConfig, "kept") {
			r.Destination = told
		}
	}
	turn := func(side Side) string {
		if s.cfg.Choices.Is(choices.RotatedSide, "cut") && r.dismiss(side, Rotated) {
			r.Connections[side] = Connection{Since: now}
		}
		s.freeClientToken(r, side)
		return s.issue(r, side)
	}
	if mode != RotateDestination {
		out.SourceToken = turn(Source)
	}
	if mode != RotateSource {
		out.DestinationToken = turn(Destination)
	}
	s.touch(r, now, "rotations", "connections", "all")
	out.Tunnel = r.clone()
	return out, told, nil
}

// touch changes when a tunnel was updated last, if that is one of the values of the choice.
func (s *Store) touch(r *record, now time.Time, when ...string) {
	if slices.Contains(when, s.cfg.Choices.Of(choices.LastUpdated)) {
		r.UpdatedAt = now
	}
}
