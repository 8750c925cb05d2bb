package cli

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"adit/client"
	"adit/views"
)

// hall is AWS for the life of the process: the rooms that all contexts share, and the service of each place that was ever
// shown. What was started in a context goes on when the screen leaves it, and finds a new login when it comes back.
type hall struct {
	config    roomsConfig
	endpoint  string
	questions chan views.Question

	mu     sync.Mutex
	closed bool
	rooms  *rooms
	held   map[client.Key]*client.Lasting
	// asked is the service that a place came to, for when it cannot be logged in again.
	asked map[views.Place]*client.Lasting
	told  map[string]bool
}

func newHall(cfg roomsConfig, endpoint string) *hall {
	return &hall{config: cfg, endpoint: endpoint, questions: make(chan views.Question),
		held: map[client.Key]*client.Lasting{}, asked: map[views.Place]*client.Lasting{}, told: map[string]bool{}}
}

// arrival is what became of a place.
type arrival struct {
	place   views.Place
	service client.Service
	err     error
}

// open connects places, those of a profile by one login and the profiles beside each other. One that fails keeps what was
// known of it; the error is for when none came and none is known.
func (h *hall) open(ctx context.Context, places []views.Place) (*views.Backend, error) {
	arrivals := h.connect(ctx, places)
	if err := ctx.Err(); err != nil {
		return nil, &client.Error{Kind: client.KindCancelled, Message: "The login was given up", Err: err}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return nil, context.Canceled
	}
	var services []client.Service
	var failed []views.Failed
	for _, a := range arrivals {
		service, err := h.seat(a)
		switch {
		case err != nil:
			failed = append(failed, views.Failed{Place: a.place, Err: err})
		case !slices.Contains(services, client.Service(service)):
			services = append(services, service)
		}
	}
	if len(services) == 0 {
		return nil, failed[0].Err
	}
	if err := h.furnish(ctx); err != nil {
		return nil, err
	}
	backend, err := h.rooms.show(services)
	if err != nil {
		return nil, err
	}
	backend.Places, backend.Failed, backend.Notices = places, failed, h.notices(services)
	return backend, nil
}

// connect logs in to the profiles of the places, beside each other. What comes is in the order of the places.
func (h *hall) connect(ctx context.Context, places []views.Place) []arrival {
	arrivals := make([]arrival, len(places))
	byProfile := map[string][]int{}
	for i, place := range places {
		arrivals[i].place = place
		byProfile[place.Profile] = append(byProfile[place.Profile], i)
	}
	var logins sync.WaitGroup
	for profile, at := range byProfile {
		logins.Go(func() {
			// The profile's own region comes first, as it is only found while no other is named.
			slices.SortStableFunc(at, func(a, b int) int { return len(places[a].Region) - len(places[b].Region) })
			regions := make([]string, len(at))
			for i, n := range at {
				regions[i] = places[n].Region
			}
			services, err := client.ConnectRegions(ctx, h.options(profile), regions...)
			for i, n := range at {
				if arrivals[n].err = err; err == nil {
					arrivals[n].service = services[i]
				}
			}
		})
	}
	logins.Wait()
	return arrivals
}

func (h *hall) options(profile string) client.ConnectOptions {
	chosen := h.config.flags.settings
	if profile == "" {
		profile = chosen.Profile
	}
	of := chosen.For(profile)
	opts := client.ConnectOptions{
		EndpointURL: h.endpoint, ReadOnly: of.ReadOnly, Production: of.Production, MFA: h.ask, Log: h.config.log, Journal: h.config.journal,
	}
	if !fromAWS(chosen.OriginOf("", "profile", "")) || profile != chosen.Profile {
		opts.Profile = profile
	}
	return opts
}

// seat finds the lasting service for what arrived. One place has one service, whatever profile leads there.
func (h *hall) seat(a arrival) (*client.Lasting, error) {
	if a.err != nil {
		if known := h.asked[a.place]; known != nil {
			return known, nil
		}
		return nil, a.err
	}
	where := a.service.Context()
	known := h.held[where.Place()]
	switch {
	case known == nil:
		known = client.NewLasting(a.service)
		h.held[where.Place()] = known
	case where.Account == "" && known.Context().Profile != where.Profile:
		return nil, &client.Error{Kind: client.KindConfig, Context: where,
			Message: fmt.Sprintf("AWS does not say which account profile %s is of, so its tunnels could not be told from those of profile %s",
				client.Clean(where.Profile), client.Clean(known.Context().Profile)),
			Remedy: "Allow sts:GetCallerIdentity, or start another adit for it."}
	default:
		known.Renew(a.service)
	}
	h.asked[a.place] = known
	return known, nil
}

// furnish makes the rooms when the first context came.
func (h *hall) furnish(ctx context.Context) (err error) {
	if h.rooms == nil {
		h.rooms, err = openRooms(ctx, h.config)
	}
	return err
}

// notices are what was not said yet.
func (h *hall) notices(services []client.Service) []string {
	all := []string{h.rooms.notice}
	for _, service := range services {
		all = append(all, h.rooms.warnings(service.Context())...)
	}
	return slices.DeleteFunc(all, func(text string) bool {
		said := text == "" || h.told[text]
		h.told[text] = true
		return said
	})
}

// ask has the screen ask for an MFA code.
func (h *hall) ask(ctx context.Context, serial string) (string, error) {
	type reply struct {
		code  string
		given bool
	}
	replies := make(chan reply, 1)
	question := views.Question{Serial: serial, Answer: func(code string, given bool) {
		select {
		case replies <- reply{code, given}:
		default:
		}
	}}
	select {
	case h.questions <- question:
	case <-ctx.Done():
		return "", ctx.Err()
	}
	select {
	case r := <-replies:
		if !r.given {
			return "", client.ErrNoCode
		}
		return r.code, nil
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

func (h *hall) production(profile string) bool {
	return h.config.flags.settings.For(profile).Production
}

// close ends the rooms; none are made after it.
func (h *hall) close() error {
	h.mu.Lock()
	h.closed = true
	rooms := h.rooms
	h.mu.Unlock()
	if rooms == nil {
		return nil
	}
	return rooms.close()
}
