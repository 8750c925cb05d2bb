// Package registry is the thing registry of the emulated AWS IoT, as far as scripts around tunnels touch it. Each account
// and region has its own; the things of the simulated fleet are in all of them from the start. Tunnels do not ask it: one
// can be opened to any thing name.
package registry

import (
	"encoding/base64"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/google/uuid"

	"adit/emulator/tunnels"
)

// What goes wrong with a thing.
var (
	ErrNotFound = errors.New("there is no such thing")
	// ErrExists: with other attributes, type or billing group than asked for.
	ErrExists = errors.New("the thing exists with another configuration")
	// ErrVersion: the thing is not at the version expected.
	ErrVersion = errors.New("the thing has another version")
	// ErrNextToken: not one that List gave.
	ErrNextToken = errors.New("the nextToken is not one that ListThings returned")
)

// Thing is an entry.
type Thing struct {
	Name, ID, Type, BillingGroup string
	Attributes                   map[string]string
	// Version counts changes; an entry that was never changed has 1.
	Version int64
}

// Registry holds the things. It is safe for concurrent use.
type Registry struct {
	// everywhere are the names that every scope begins with.
	everywhere []string

	mu     sync.Mutex
	scopes map[tunnels.Scope]map[string]Thing
}

// New makes a registry; the things named are in every scope from the start.
func New(everywhere []string) *Registry {
	return &Registry{everywhere: everywhere, scopes: map[tunnels.Scope]map[string]Thing{}}
}

// things of a scope, writable or not. The caller holds mu. A scope that was only read takes no memory but its answer's.
func (r *Registry) things(scope tunnels.Scope) map[string]Thing {
	if things, ok := r.scopes[scope]; ok {
		return things
	}
	things := make(map[string]Thing, len(r.everywhere))
	for _, name := range r.everywhere {
		// An id that follows from scope and name is the same each time, without being kept.
		id := uuid.NewSHA1(uuid.NameSpaceURL, []byte(ARN(scope, name)))
		things[name] = Thing{Name: name, ID: id.String(), Version: 1}
	}
	return things
}

// ARN of a thing.
func ARN(scope tunnels.Scope, name string) string {
	return "arn:aws:iot:" + scope.Region + ":" + scope.Account + ":thing/" + name
}

// Create makes a thing. One that is there with the same configuration is as good as a new one.
func (r *Registry) Create(scope tunnels.Scope, thing Thing) (Thing, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	things := r.things(scope)
	if have, ok := things[thing.Name]; ok {
		if have.Type != thing.Type || have.BillingGroup != thing.BillingGroup || !maps.Equal(have.Attributes, thing.Attributes) {
			return Thing{}, ErrExists
		}
		return have, nil
	}
	thing.ID, thing.Version = uuid.NewString(), 1
	things[thing.Name] = thing
	r.scopes[scope] = things
	return thing, nil
}

// Describe finds a thing.
func (r *Registry) Describe(scope tunnels.Scope, name string) (Thing, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	thing, ok := r.things(scope)[name]
	if !ok {
		return Thing{}, ErrNotFound
	}
	return thing, nil
}

// Delete removes a thing, at any version when that is zero. One that is not there is removed already.
func (r *Registry) Delete(scope tunnels.Scope, name string, version int64) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	things := r.things(scope)
	thing, ok := things[name]
	if !ok {
		return nil
	}
	if version != 0 && version != thing.Version {
		return ErrVersion
	}
	delete(things, name)
	r.scopes[scope] = things
	return nil
}

// List gives things by name, at most limit of those that fit. next is "" on the first page and then what the page before
// returned, which is "" after the last one.
func (r *Registry) List(scope tunnels.Scope, fits func(Thing) bool, limit int, next string) (page []Thing, more string, err error) {
	after, err := base64.URLEncoding.DecodeString(next)
	if err != nil {
		return nil, "", ErrNextToken
	}
	r.mu.Lock()
	things := slices.Collect(maps.Values(r.things(scope)))
	r.mu.Unlock()
	slices.SortFunc(things, func(a, b Thing) int { return strings.Compare(a.Name, b.Name) })
	for _, thing := range things {
		if thing.Name <= string(after) || !fits(thing) {
			continue
		}
		if len(page) == limit {
			return page, base64.URLEncoding.EncodeToString([]byte(page[limit-1].Name)), nil
		}
		page = append(page, thing)
	}
	return page, "", nil
}
