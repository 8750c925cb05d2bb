package client

// Kind is what an error means to its user; it decides the remedy.
type Kind uint8

const (
	// KindUnknown has no remedy of its own.
	KindUnknown Kind = iota
	KindThrottled
	KindDenied
	// KindOffline: the service could not be reached.
	KindOffline
	// KindExpired: the login or its credentials have expired.
	KindExpired
	// KindNoCredentials: there are none at all.
	KindNoCredentials
	KindNotFound
	KindInvalid
	KindLimit
	// KindAmbiguous: the request may have been carried out, the answer was lost.
	KindAmbiguous
	KindCancelled
	// KindReadOnly: adit was told to change nothing.
	KindReadOnly
	// KindConfig: profile, region or endpoint are missing or wrong.
	KindConfig
)

// Error is a failed operation in words: it names the operation, the object and the region, and says what to do.
type Error struct {
	Kind Kind
	// Operation is the API's name, such as OpenTunnel; Object what it was done to, such as `thing "pump-07"`.
	Operation, Object string
	Context           Context
	// Code and Message are the service's own, cleaned; RequestID is to quote to AWS support.
	Code, Message, RequestID string
	// Remedy is a sentence, Command the exact command that mends it, "" without one.
	Remedy, Command string
	Err             error
}

func (e *Error) Error() string { panic("not built") }
func (e *Error) Unwrap() error { return e.Err }

// KindOf is the kind of the first *Error in err's chain, KindUnknown without one.
func KindOf(err error) Kind { panic("not built") }
