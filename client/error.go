package client

import (
	"errors"
	"fmt"
	"strings"
)

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
	// Without an Operation it failed before there was one, and Message is the whole sentence.
	Operation, Object string
	Context           Context
	// Code and Message are the service's own, cleaned; RequestID is to quote to AWS support.
	Code, Message, RequestID string
	// Remedy is a sentence, Command the exact command that mends it, "" without one.
	Remedy, Command string
	// Login is the same command where it is a login that can be run: the words behind `aws`, such as sso, login, --profile,
	// prod. Nil where no login mends it.
	Login []string
	Err   error
}

// Error is the sentence, the remedy and the command in one line.
func (e *Error) Error() string {
	text := e.Sentence()
	if e.Remedy != "" {
		text += " " + e.Remedy
	}
	if e.Command != "" {
		text += " " + e.Command
	}
	return text
}

func (e *Error) Unwrap() error { return e.Err }

// KindOf is the kind of the first *Error in err's chain, KindUnknown without one.
func KindOf(err error) Kind {
	if e := asError(err); e != nil {
		return e.Kind
	}
	return KindUnknown
}

// asError is the first *Error in err's chain, nil without one.
func asError(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return nil
}

// LoggedOut tells whether an error says that there is no login, or none that counts any more.
func LoggedOut(err error) bool {
	kind := KindOf(err)
	return kind == KindExpired || kind == KindNoCredentials
}

// Sentence says what happened, without the remedy.
func (e *Error) Sentence() string {
	if e.Operation == "" {
		return sentence(e.Message)
	}
	what := e.attempt()
	if e.Context.Region != "" {
		what += " in " + e.Context.Region
	}
	host := e.Context.host()
	switch e.Kind {
	case KindThrottled:
		return sentence(fmt.Sprintf("Could not %s: %s asks for fewer requests a second", what, host))
	case KindDenied:
		return e.denied()
	case KindExpired, KindNoCredentials, KindConfig:
		return sentence(fmt.Sprintf("Could not %s: %s", what, e.Message))
	case KindOffline:
		return sentence(fmt.Sprintf("Could not %s: %s could not be reached (%s)", what, host, e.Message))
	case KindNotFound:
		return sentence(fmt.Sprintf("Could not %s: it is not there", what))
	case KindInvalid:
		return sentence(fmt.Sprintf("Could not %s: %s", what, e.Message))
	case KindLimit:
		return sentence(fmt.Sprintf("Could not %s: a limit of the account is reached%s", what, e.quoted()))
	case KindAmbiguous:
		return sentence(fmt.Sprintf("The answer to '%s' was lost (%s)", what, e.Message))
	case KindCancelled:
		return sentence(fmt.Sprintf("Stopped before adit could %s", what))
	case KindReadOnly:
		return sentence(fmt.Sprintf("adit is read-only and does not %s", what))
	default:
		return sentence(fmt.Sprintf("Could not %s%s", what, e.quoted()))
	}
}

func (e *Error) denied() string {
	object := e.Object
	if object == "" {
		object = "the tunnels"
	}
	text := fmt.Sprintf("You may not %s on %s in %s", e.Action(), object, e.Context.Region)
	if e.Context.Profile != "" {
		text += " (profile " + Clean(e.Context.Profile) + ")"
	}
	return sentence(text + e.quoted())
}

// quoted is what the service said, as an addition to a sentence.
func (e *Error) quoted() string {
	said := strings.Trim(e.Message, " .")
	switch {
	case e.Code != "" && said != "":
		said = e.Code + ", " + said
	case said == "":
		said = e.Code
	}
	if e.RequestID != "" {
		said = strings.TrimPrefix(said+", request "+e.RequestID, ", ")
	}
	if said == "" {
		return ""
	}
	return ": " + said
}

// Action is the permission the operation needs, such as iot:OpenTunnel; "" where no operation failed.
func (e *Error) Action() string {
	if e.Operation == "" {
		return ""
	}
	return "iot:" + e.Operation
}

// attempt is the operation in words, in a form that follows "could not".
func (e *Error) attempt() string {
	object := e.Object
	if object == "" {
		object = "the tunnel"
	}
	switch e.Operation {
	case opList:
		if e.Object == "" {
			return "list the tunnels"
		}
		return "list the tunnels of " + e.Object
	case opDescribe:
		return "look at " + object
	case opOpen:
		if e.Object == "" {
			return "open a tunnel"
		}
		return "open a tunnel to " + e.Object
	case opClose:
		return "close " + object
	case opRotate:
		return "renew the access token of " + object
	case opTags:
		return "read the tags of " + object
	case opTag:
		return "tag " + object
	case opUntag:
		return "remove tags from " + object
	case opThings:
		return "list the things"
	case opIndex:
		return "ask " + object + " who is online"
	case opPresence:
		return "ask whether " + object + " is online"
	default:
		return e.Operation + " " + object
	}
}

// sentence ends a text with one full stop.
func sentence(text string) string {
	text = strings.TrimRight(text, " .:")
	if strings.HasSuffix(text, "?") || strings.HasSuffix(text, "!") {
		return text
	}
	return text + "."
}
