package client

import (
	"context"
	"sync"
)

// Permission is what a policy may deny: an operation, with the part of it that conditions tell apart.
type Permission string

// The permissions behind the operations that a person asks for; those to rotate are MayRotate's.
const (
	MayOpen     Permission = opOpen
	MayClose    Permission = opClose
	MayDelete   Permission = opClose + " with delete"
	MayReadTags Permission = opTags
	MayTag      Permission = opTag
	MayUntag    Permission = opUntag
)

// MayRotate is the permission to rotate the token of a side.
func MayRotate(mode ClientMode) Permission { return Permission(opRotate + " " + string(mode)) }

// Lasting is a Service that outlives its login: the Watcher, attempts and local proxies keep it, and go on with the new
// credentials when it is renewed. It remembers what it was denied until that is allowed, or forgotten by Forgive or Renew.
// It is safe for concurrent use.
type Lasting struct {
	mu     sync.Mutex
	now    Service
	denied map[Permission]*Error
}

var _ Service = (*Lasting)(nil)

// NewLasting begins with a Service.
func NewLasting(service Service) *Lasting {
	return &Lasting{now: service, denied: map[Permission]*Error{}}
}

// Renew goes on with another Service of the same place, and tells whether it is one: with another account, region or
// endpoint nothing is changed, as the tunnels would be others.
func (l *Lasting) Renew(service Service) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.now.Context().Place() != service.Context().Place() {
		return false
	}
	l.now = service
	clear(l.denied)
	return true
}

// Denied is the last word of the service on a permission, nil where it was not denied.
func (l *Lasting) Denied(p Permission) *Error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.denied[p]
}

// Forgive forgets what was denied: policies change, and only asking tells.
func (l *Lasting) Forgive() {
	l.mu.Lock()
	defer l.mu.Unlock()
	clear(l.denied)
}

func (l *Lasting) service() Service {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.now
}

// heard remembers what an answer tells of a permission. Other failures tell nothing.
func (l *Lasting) heard(p Permission, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err == nil {
		delete(l.denied, p)
	} else if denied := asError(err); denied != nil && denied.Kind == KindDenied && denied.Operation != "" {
		l.denied[p] = denied
	}
}

// Context is that of the login at present.
func (l *Lasting) Context() Context { return l.service().Context() }

// Registry is that of the login at each call.
func (l *Lasting) Registry() Registry { return lastingRegistry{l} }

type lastingRegistry struct{ l *Lasting }

func (r lastingRegistry) Things(ctx context.Context, next string) (ThingPage, error) {
	return r.l.service().Registry().Things(ctx, next)
}

func (r lastingRegistry) Search(ctx context.Context, things []string) (map[string]Presence, error) {
	return r.l.service().Registry().Search(ctx, things)
}

func (r lastingRegistry) Presence(ctx context.Context, thing string) (Presence, error) {
	return r.l.service().Registry().Presence(ctx, thing)
}

// List asks the Service behind it, as do the others.
func (l *Lasting) List(ctx context.Context, in ListInput) (Page, error) {
	return l.service().List(ctx, in)
}

func (l *Lasting) Describe(ctx context.Context, id string) (Tunnel, error) {
	return l.service().Describe(ctx, id)
}

func (l *Lasting) Open(ctx context.Context, in OpenInput) (Opened, error) {
	opened, err := l.service().Open(ctx, in)
	l.heard(MayOpen, err)
	return opened, err
}

func (l *Lasting) Close(ctx context.Context, id string, remove bool) error {
	err := l.service().Close(ctx, id, remove)
	if remove {
		l.heard(MayDelete, err)
	} else {
		l.heard(MayClose, err)
	}
	return err
}

func (l *Lasting) Rotate(ctx context.Context, in RotateInput) (Rotated, error) {
	rotated, err := l.service().Rotate(ctx, in)
	l.heard(MayRotate(in.Mode), err)
	return rotated, err
}

func (l *Lasting) Tags(ctx context.Context, arn string) ([]Tag, error) {
	tags, err := l.service().Tags(ctx, arn)
	l.heard(MayReadTags, err)
	return tags, err
}

func (l *Lasting) Tag(ctx context.Context, arn string, tags []Tag) error {
	err := l.service().Tag(ctx, arn, tags)
	l.heard(MayTag, err)
	return err
}

func (l *Lasting) Untag(ctx context.Context, arn string, keys []string) error {
	err := l.service().Untag(ctx, arn, keys)
	l.heard(MayUntag, err)
	return err
}
