package clienttest

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"adit/client"
)

type thing struct {
	name     string
	presence client.Presence
}

// PutThing adds a thing to the registry, or replaces the one of its name. The service says that it asked just now.
func (s *Service) PutThing(name string, presence client.Presence) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.things = slices.DeleteFunc(s.things, func(t thing) bool { return t.name == name })
	s.things = append(s.things, thing{name, presence})
}

// Registry has the things that were put.
func (s *Service) Registry() client.Registry { return registry{s} }

type registry struct{ service *Service }

// Things pages through the things, two a page; its tokens are offsets.
func (r registry) Things(ctx context.Context, next string) (client.ThingPage, error) {
	s := r.service
	if err := s.begin(ctx, Call{Operation: "ListThings", Object: next}); err != nil {
		return client.ThingPage{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	from, _ := strconv.Atoi(next)
	from = min(from, len(s.things))
	to := min(from+2, len(s.things))
	var page client.ThingPage
	for _, t := range s.things[from:to] {
		page.Names = append(page.Names, client.Text(t.name))
	}
	if to < len(s.things) {
		page.Next = strconv.Itoa(to)
	}
	return page, nil
}

// Search is the presence of the things of these names, or of the first hundred.
func (r registry) Search(ctx context.Context, names []string) (map[string]client.Presence, error) {
	s := r.service
	if err := s.begin(ctx, Call{Operation: "SearchIndex", Object: strings.Join(names, " ")}); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	found := map[string]client.Presence{}
	for i, t := range s.things {
		if len(names) == 0 && i < 100 || slices.Contains(names, t.name) {
			found[t.name] = t.presence
		}
	}
	return found, nil
}

// Presence is that of a thing that was put.
func (r registry) Presence(ctx context.Context, name string) (client.Presence, error) {
	const operation = "GetThingConnectivityData"
	s := r.service
	if err := s.begin(ctx, Call{Operation: operation, Object: name}); err != nil {
		return client.Presence{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range s.things {
		if t.name == name {
			return t.presence, nil
		}
	}
	return client.Presence{}, &client.Error{Kind: client.KindNotFound, Operation: operation, Object: fmt.Sprintf("thing %q", name),
		Context: s.where, Code: "ResourceNotFoundException"}
}
