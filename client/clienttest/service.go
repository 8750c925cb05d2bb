// Package clienttest has a Service that lives in memory, for the tests of the rooms above: it records every call and
// fails when told to.
package clienttest

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"adit/client"
	"adit/tunnelconn/token"
)

// Call is one call of the Service. Object is the tunnel's id, its ARN, or the thing's name.
type Call struct {
	Operation, Object string
	Open              client.OpenInput
	Rotate            client.RotateInput
	List              client.ListInput
	At                time.Time
}

// Service holds its tunnels in memory. Its zero value is not of use; New makes one. It is safe for concurrent use.
type Service struct {
	where client.Context

	mu       sync.Mutex
	tunnels  []client.Tunnel // newest first
	things   []thing
	calls    []Call
	failures map[string][]error
	always   map[string]error
	before   map[string]func(context.Context, Call) error
	made     int
}

var _ client.Service = (*Service)(nil)

// New makes a Service without tunnels.
func New(where client.Context) *Service {
	return &Service{where: where, failures: map[string][]error{}, always: map[string]error{}, before: map[string]func(context.Context, Call) error{}}
}

// FailNext makes the next calls of an operation, such as OpenTunnel, fail with these errors, one after the other.
func (s *Service) FailNext(operation string, errs ...error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failures[operation] = append(s.failures[operation], errs...)
}

// FailAlways makes an operation fail until it is told nil.
func (s *Service) FailAlways(operation string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.always[operation] = err
}

// Before runs a function at the beginning of each call of an operation, without a lock; its error fails the call, as a
// context that ends does. Nil takes it away. Several calls may run it at once: the watcher asks on its own.
func (s *Service) Before(operation string, do func(context.Context, Call) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.before[operation] = do
}

// Failure is an *client.Error of a kind, as the real Service would return it.
func (s *Service) Failure(operation string, kind client.Kind) error {
	return &client.Error{Kind: kind, Operation: operation, Context: s.where, Message: "made up by a test"}
}

// Put adds a tunnel, or replaces the one with its key. Key.ID is all that must be set.
func (s *Service) Put(t client.Tunnel) client.Tunnel {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.put(t)
}

func (s *Service) put(t client.Tunnel) client.Tunnel {
	t.Key, t.Context = s.where.Key(t.Key.ID), s.where
	t.Status = cmp.Or(t.Status, client.StatusOpen)
	t.ARN = cmp.Or(t.ARN, fmt.Sprintf("arn:aws:iot:%s:%s:tunnel/%s", s.where.Region, s.where.Account, t.Key.ID))
	t.CreatedAt = cmp.Or(t.CreatedAt, time.Now())
	t.UpdatedAt = cmp.Or(t.UpdatedAt, t.CreatedAt)
	t.Lifetime = cmp.Or(t.Lifetime, client.MaxLifetime)
	t.Described, t.Source.Known, t.Destination.Known = true, true, true
	s.drop(t.Key.ID)
	s.tunnels = append(s.tunnels, t)
	slices.SortStableFunc(s.tunnels, func(a, b client.Tunnel) int { return b.CreatedAt.Compare(a.CreatedAt) })
	return t
}

// Change edits a tunnel in place, as the world outside would.
func (s *Service) Change(id string, edit func(*client.Tunnel)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := s.find(id); i >= 0 {
		edit(&s.tunnels[i])
	}
}

// Drop deletes a tunnel, as somebody else would.
func (s *Service) Drop(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drop(id)
}

func (s *Service) drop(id string) {
	s.tunnels = slices.DeleteFunc(s.tunnels, func(t client.Tunnel) bool { return t.Key.ID == id })
}

// Calls are all calls so far, in order; with operations only those.
func (s *Service) Calls(operations ...string) []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(operations) == 0 {
		return slices.Clone(s.calls)
	}
	var out []Call
	for _, call := range s.calls {
		if slices.Contains(operations, call.Operation) {
			out = append(out, call)
		}
	}
	return out
}

func (s *Service) find(id string) int {
	return slices.IndexFunc(s.tunnels, func(t client.Tunnel) bool { return t.Key.ID == id })
}

// begin records a call and fails it where a test wants that.
func (s *Service) begin(ctx context.Context, call Call) error {
	s.mu.Lock()
	call.At = time.Now()
	s.calls = append(s.calls, call)
	before := s.before[call.Operation]
	err := s.always[call.Operation]
	if queue := s.failures[call.Operation]; len(queue) > 0 {
		err, s.failures[call.Operation] = queue[0], queue[1:]
	}
	s.mu.Unlock()
	if before != nil {
		err = cmp.Or(before(ctx, call), err)
	}
	if ctx.Err() != nil {
		return &client.Error{Kind: client.KindCancelled, Operation: call.Operation, Object: call.Object, Context: s.where, Err: ctx.Err()}
	}
	return err
}

func (s *Service) missing(operation, id string) error {
	return &client.Error{Kind: client.KindNotFound, Operation: operation, Object: fmt.Sprintf("tunnel %q", id), Context: s.where,
		Code: "ResourceNotFoundException"}
}

// Context says where the tunnels live.
func (s *Service) Context() client.Context { return s.where }

// List pages through the tunnels; its tokens are offsets.
func (s *Service) List(ctx context.Context, in client.ListInput) (client.Page, error) {
	if err := s.begin(ctx, Call{Operation: "ListTunnels", Object: in.Thing, List: in}); err != nil {
		return client.Page{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var matching []client.Tunnel
	for _, t := range s.tunnels {
		if in.Thing == "" || t.Thing.Raw() == in.Thing {
			matching = append(matching, client.Tunnel{Key: t.Key, Context: t.Context, ARN: t.ARN, Status: t.Status,
				Description: t.Description, CreatedAt: t.CreatedAt, UpdatedAt: t.UpdatedAt})
		}
	}
	from, _ := strconv.Atoi(in.Next)
	from = min(from, len(matching))
	to := min(from+cmp.Or(in.PageSize, 100), len(matching))
	page := client.Page{Tunnels: matching[from:to]}
	if to < len(matching) {
		page.Next = strconv.Itoa(to)
	}
	return page, nil
}

// Describe tells all of one tunnel.
func (s *Service) Describe(ctx context.Context, id string) (client.Tunnel, error) {
	if err := s.begin(ctx, Call{Operation: "DescribeTunnel", Object: id}); err != nil {
		return client.Tunnel{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := s.find(id); i >= 0 {
		return s.tunnels[i], nil
	}
	return client.Tunnel{}, s.missing("DescribeTunnel", id)
}

// Open makes a tunnel with the ids tunnel-1, tunnel-2 and so on.
func (s *Service) Open(ctx context.Context, in client.OpenInput) (client.Opened, error) {
	if err := s.begin(ctx, Call{Operation: "OpenTunnel", Object: in.Thing, Open: in}); err != nil {
		return client.Opened{}, err
	}
	return s.opened(in), nil
}

// OpenUnseen opens a tunnel as an OpenTunnel whose answer is lost would: it is there, and no call tells its id.
func (s *Service) OpenUnseen(in client.OpenInput) client.Tunnel {
	id := s.opened(in).ID
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.tunnels[s.find(id)]
}

func (s *Service) opened(in client.OpenInput) client.Opened {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.made++
	t := client.Tunnel{Key: s.where.Key(fmt.Sprintf("tunnel-%d", s.made)), Thing: client.Text(in.Thing), Description: client.Text(in.Description),
		Lifetime: in.Lifetime, Tags: slices.Clone(in.Tags)}
	for _, service := range in.Services {
		t.Services = append(t.Services, client.Text(service))
	}
	t = s.put(t)
	return client.Opened{ID: t.Key.ID, ARN: t.ARN, Source: s.token("source", t.Key.ID), Destination: s.token("destination", t.Key.ID)}
}

func (s *Service) token(side, id string) token.Token {
	return token.New(fmt.Sprintf("fake-%s-%s-%d", side, id, len(s.calls)))
}

// Close closes a tunnel, and with remove drops it.
func (s *Service) Close(ctx context.Context, id string, remove bool) error {
	if err := s.begin(ctx, Call{Operation: "CloseTunnel", Object: id}); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	i := s.find(id)
	if i < 0 {
		return s.missing("CloseTunnel", id)
	}
	s.tunnels[i].Status, s.tunnels[i].UpdatedAt = client.StatusClosed, time.Now()
	s.tunnels[i].Source.Connected, s.tunnels[i].Destination.Connected = false, false
	if remove {
		s.drop(id)
	}
	return nil
}

// Rotate gives new tokens to the sides it is asked for.
func (s *Service) Rotate(ctx context.Context, in client.RotateInput) (client.Rotated, error) {
	if err := s.begin(ctx, Call{Operation: "RotateTunnelAccessToken", Object: in.ID, Rotate: in}); err != nil {
		return client.Rotated{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	i := s.find(in.ID)
	if i < 0 {
		return client.Rotated{}, s.missing("RotateTunnelAccessToken", in.ID)
	}
	out := client.Rotated{ARN: s.tunnels[i].ARN}
	if in.Mode != client.ModeDestination {
		out.Source = s.token("source", in.ID)
	}
	if in.Mode != client.ModeSource {
		out.Destination = s.token("destination", in.ID)
	}
	return out, nil
}
