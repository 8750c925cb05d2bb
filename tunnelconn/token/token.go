// Package token holds the two secrets of a tunnel, the access token and the client token, in a type that does not give
// itself away.
//
// An access token is single use and opens one side of a tunnel to whoever has it; a client token makes that access token
// good for a reconnect. Both live in memory only. Printing, logging and marshalling a [Token] yield a placeholder; the
// one way to the text is [Token.Reveal], so that every use of a secret can be found by its name.
package token

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"

	"github.com/google/uuid"
)

// Redacted is what every printed form of a Token shows.
const Redacted = "[redacted]"

// Token is one secret. The zero Token is no secret at all.
//
// The text hangs behind a pointer on purpose: fmt cannot call the methods of a value in an unexported field, and then
// prints the fields themselves; of a pointer to a string it prints the address.
type Token struct{ text *string }

// New wraps a secret. An empty text gives the zero Token.
func New(text string) Token {
	if text == "" {
		return Token{}
	}
	return Token{&text}
}

// NewClientToken makes a client token as the V3 protocol guide wants it: unique, 32 to 128 of [a-zA-Z0-9-], a UUIDv4.
func NewClientToken() Token { return New(uuid.NewString()) }

// Reveal gives the secret text, for the one place that must send it.
func (t Token) Reveal() string {
	if t.text == nil {
		return ""
	}
	return *t.text
}

// IsZero tells whether there is no secret.
func (t Token) IsZero() bool { return t.text == nil }

// Equal compares in constant time.
func (t Token) Equal(other Token) bool {
	return subtle.ConstantTimeCompare([]byte(t.Reveal()), []byte(other.Reveal())) == 1
}

// Fingerprint is a short hash that tells two tokens apart in a log without giving either away.
func (t Token) Fingerprint() string {
	if t.text == nil {
		return ""
	}
	sum := sha256.Sum256([]byte(*t.text))
	return hex.EncodeToString(sum[:4])
}

func (t Token) redacted() string {
	if t.text == nil {
		return ""
	}
	return Redacted
}

// String implements fmt.Stringer without the secret.
func (t Token) String() string { return t.redacted() }

// Format implements fmt.Formatter, so that no verb, %#v and %x included, reaches the secret.
func (t Token) Format(state fmt.State, _ rune) { _, _ = io.WriteString(state, t.redacted()) }

// LogValue implements slog.LogValuer without the secret.
func (t Token) LogValue() slog.Value { return slog.StringValue(t.redacted()) }

// MarshalText implements encoding.TextMarshaler, and with it JSON and YAML, without the secret.
func (t Token) MarshalText() ([]byte, error) { return []byte(t.redacted()), nil }
