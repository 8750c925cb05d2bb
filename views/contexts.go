package views

import (
	"context"
	"slices"
	"strings"

	"adit/client"
	"adit/keymap"
)

// Contexts is how the screen goes to other profiles and regions.
type Contexts struct {
	// Open connects places. What the process has started stays: the backends it makes share one watcher and one Sessions. A
	// place that fails stands in Backend.Failed; the error is for when none came. Opened again, a place is logged in anew, and
	// its Service goes on with that.
	Open func(context.Context, []Place) (*Backend, error)
	// Profiles are those to choose from.
	Profiles func() ([]client.Profile, error)
	// Production tells whether a profile is marked so.
	Production func(profile string) bool
	// Login prepares a login; the words are a client.Error's.
	Login func(words []string) Login
	// Questions are those of logins under way.
	Questions <-chan Question
}

// Place is a profile and a region as they are asked for; "" leaves either to the AWS environment and the profile.
type Place struct{ Profile, Region string }

// Failed is a place of the backend's that could not be connected; the others are shown without it.
type Failed struct {
	Place Place
	Err   error
}

// use takes a backend's contexts for those that are shown.
func (a *app) use(backend *Backend) {
	a.connection.backend, a.connection.places = backend, nil
	for _, service := range backend.Services {
		place := service.Context().Place()
		a.connection.places = append(a.connection.places, place)
		a.held[place] = service
	}
}

// contexts are those shown, in the order in which they were asked for; none before adit is connected.
func (a *app) contexts() []client.Context {
	if a.connection.backend == nil {
		return nil
	}
	contexts := make([]client.Context, len(a.connection.backend.Services))
	for i, service := range a.connection.backend.Services {
		contexts[i] = service.Context()
	}
	return contexts
}

// context is the one that an action begins in: that of the row selected in front where several are shown.
func (a *app) context() client.Context {
	services := a.connection.backend.Services
	if len(services) == 1 {
		return services[0].Context()
	}
	if row, ok := a.things.table.Selected(); ok && a.front == keymap.ScopeThings {
		return a.service(row.context).Context()
	}
	if row, ok := a.proxies.table.Selected(); ok && a.front == keymap.ScopeProxies {
		return a.serviceAt(row.Tunnel.Place()).Context()
	}
	if row, ok := a.selected(); ok {
		return a.service(row.Context).Context()
	}
	return services[0].Context()
}

// service is the one that a context's tunnels belong to.
func (a *app) service(of client.Context) client.Service { return a.serviceAt(of.Place()) }

// serviceAt is the one of a place, which may be one that the screen does not show any more: a local proxy of it still runs.
func (a *app) serviceAt(place client.Key) client.Service {
	for _, service := range a.connection.backend.Services {
		if service.Context().Place() == place {
			return service
		}
	}
	if service, ok := a.held[place]; ok {
		return service
	}
	return a.connection.backend.Services[0]
}

// receive takes what the watcher knows: all of it, and the part that is shown.
func (a *app) receive(all *client.Snapshot) {
	a.known, a.snapshot = all, all
	if !slices.ContainsFunc(all.Contexts, func(c client.ContextState) bool { return !a.shows(c.Context.Place()) }) {
		return
	}
	part := *all
	part.Rows, part.Contexts = nil, nil
	for _, c := range all.Contexts {
		if a.shows(c.Context.Place()) {
			part.Contexts = append(part.Contexts, c)
		}
	}
	for _, r := range all.Rows {
		if a.shows(r.Key.Place()) {
			part.Rows = append(part.Rows, r)
		}
	}
	a.snapshot = &part
}

func (a *app) shows(place client.Key) bool { return slices.Contains(a.connection.places, place) }

// several tells whether contexts differ in their profile, and in their region: what differs has a column of its own.
func several(contexts []client.Context) (profiles, regions bool) {
	for _, c := range contexts {
		profiles = profiles || c.Profile != contexts[0].Profile || c.Account != contexts[0].Account || c.Endpoint != contexts[0].Endpoint
		regions = regions || c.Region != contexts[0].Region
	}
	return profiles, regions
}

// contextsOf are those of rows, each once.
func contextsOf(rows []tunnelRow) []client.Context {
	var contexts []client.Context
	for _, r := range rows {
		if !slices.Contains(contexts, r.Context) {
			contexts = append(contexts, r.Context)
		}
	}
	return contexts
}

// regionsOf names the regions of contexts, each once.
func regionsOf(contexts []client.Context) string {
	return namesOf(contexts, func(c client.Context) string { return c.Region })
}

// profilesOf names their profiles; what is not AWS, and what has no profile, by what stands in its place.
func profilesOf(contexts []client.Context) string {
	return namesOf(contexts, func(c client.Context) string {
		if c.NotAWS() || c.Profile == "" {
			return whereParts(c)[0]
		}
		return c.Profile
	})
}

func namesOf(contexts []client.Context, name func(client.Context) string) string {
	names := make([]string, len(contexts))
	for i, c := range contexts {
		names[i] = client.Clean(name(c))
	}
	return strings.Join(distinct(names), ", ")
}
