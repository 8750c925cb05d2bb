package tunnels

import (
	"errors"
	"fmt"

	"adit/emulator/choices"
)

// Kind tells the failures of the API's operations apart.
type Kind uint8

const (
	// NotFound: there is no such tunnel in the scope, or its record is gone.
	NotFound Kind = iota
	// Invalid: the request does not make sense for the tunnel as it is.
	Invalid
	// Limit: a quota is used up.
	Limit
	// Denied: the request is about what is not its account's.
	Denied
)

// Error is a failed operation, with a sentence for the user.
type Error struct {
	Kind Kind
	Text string
}

func (e *Error) Error() string { return e.Text }

func failure(kind Kind, format string, args ...any) *Error {
	return &Error{kind, fmt.Sprintf(format, args...)}
}

// failure is of the kind that a choice has the word of.
func (s *Store) failure(choice choices.Name, format string, args ...any) *Error {
	kind := Invalid
	switch s.cfg.Choices.Of(choice) {
	case "not-found":
		kind = NotFound
	case "limit":
		kind = Limit
	case "denied":
		kind = Denied
	}
	return failure(kind, format, args...)
}

func (s Scope) notFound(what string) *Error {
	return failure(NotFound, "There is no tunnel %s in region %s of account %s.", what, s.Region, s.Account)
}

// Why a side of a tunnel is not given to who asks for it.
var (
	// ErrUnknownToken: never issued, rotated away, or the tunnel's record is gone.
	ErrUnknownToken = errors.New("unknown access token")
	// ErrTokenUsed: used before, and not bound to the client token that came with it.
	ErrTokenUsed = errors.New("access token used before")
	// ErrWrongSide: the token is the other side's.
	ErrWrongSide = errors.New("access token of the other side")
	// ErrClientToken: the access token is bound to another client token.
	ErrClientToken = errors.New("client token does not match")
	// ErrClientTokenTaken: the client token is bound to another access token of the account.
	ErrClientTokenTaken = errors.New("client token bound to another access token")
	// ErrTunnelClosed: the token is right, but the tunnel is over.
	ErrTunnelClosed = errors.New("tunnel is closed")
)
