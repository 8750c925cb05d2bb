package session

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"adit/client"
	"adit/pattern"
)

// plainHost is a name that ssh, scp and known_hosts all take for one host and nothing else.
var plainHost = pattern.Of(`^[A-Za-z0-9_][A-Za-z0-9_-]{0,127}$`)

// Host is the name a thing goes by in ssh's command line and configuration. ssh refuses a name that starts with "-", and
// scp reads one with ":" as a host and a path; such names become adit-<hash>.
func Host(thing string) string {
	if plainHost.MatchString(thing) {
		return thing
	}
	return "adit-" + shortHash(thing)
}

// HostKeyAlias is the name a thing's host key is known by. Thing names repeat among accounts, regions, the demo and other
// services, and ssh lower-cases what it looks up, so all of that is in it. Things have no "." in their names.
func HostKeyAlias(c client.Context, thing string) string {
	name := Host(thing)
	parts := []string{strings.ToLower(name)}
	if parts[0] != name {
		parts = append(parts, shortHash(name))
	}
	parts = append(parts, c.Region, c.Account)
	switch {
	case c.Demo:
		parts = append(parts, "demo")
	case c.NotAWS():
		parts = append(parts, "x"+shortHash(c.Endpoint))
	}
	kept := parts[:0]
	for _, part := range parts {
		if part != "" {
			kept = append(kept, part)
		}
	}
	return strings.Join(kept, ".")
}

func shortHash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:4])
}

// newID names a session; it is no secret, but hard to guess all the same.
func newID() string {
	var id [8]byte
	_, _ = rand.Read(id[:]) // crypto/rand.Read never fails
	return hex.EncodeToString(id[:])
}

var sessionID = pattern.Of(`^[0-9a-f]{16}$`)

// shortTunnel is enough of a tunnel's id to tell it from others on the screen.
func shortTunnel(id string) string {
	id = client.Clean(id)
	if len(id) > 8 {
		return id[:8]
	}
	return id
}
