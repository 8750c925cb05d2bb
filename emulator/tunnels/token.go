package tunnels

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"slices"

	"adit/emulator/choices"
)

// TokenPrefix begins every access token, so that nobody mistakes one for AWS's.
const TokenPrefix = "adit-emulator-not-an-aws-token--"

// newToken makes an access token of so many characters: the prefix, itself valid base64url, random bytes and, as in the
// protocol guide's sample, one character of padding.
func newToken(length int) string {
	random := make([]byte, (length-len(TokenPrefix))*3/4+1) // a byte too many rather than a character too few
	_, _ = rand.Read(random)                                // never fails: it ends the program instead
	return (TokenPrefix + base64.RawURLEncoding.EncodeToString(random))[:length-1] + "="
}

// digest is all that is kept of a token.
type digest [sha256.Size]byte

func digestOf(token string) digest { return sha256.Sum256([]byte(token)) }

func (d digest) equal(other digest) bool { return subtle.ConstantTimeCompare(d[:], other[:]) == 1 }

// shelf is where a digest is looked for. The map is keyed by a part of it alone and the whole is compared in constant
// time, so that the time of a lookup tells nothing about how much of a guess was right.
type shelf [8]byte

func (d digest) shelf() shelf { return shelf(d[:8]) }

// grant is the right to take one side of a tunnel.
type grant struct {
	record *record
	side   Side
	access digest
	used   bool
	// client is the digest of the client token of the first use, nil when there was none.
	client *digest
}

// accountToken finds a client token, which must be unique among the open tunnels of an account.
type accountToken struct {
	account string
	client  digest
}

// issue gives a side a new token and takes the validity of the former.
func (s *Store) issue(r *record, side Side) (token string) {
	s.revoke(r, side)
	token = newToken(s.cfg.Choices.Number(choices.TokenLength))
	g := &grant{record: r, side: side, access: digestOf(token)}
	r.grants[side] = g
	s.grants[g.access.shelf()] = g
	return token
}

// freeClientToken lets the client token of a side be used again, where that is chosen.
func (s *Store) freeClientToken(r *record, side Side) {
	g := r.grants[side]
	if g == nil || g.client == nil || s.cfg.Choices.Is(choices.RotatedClientToken, "bound") {
		return
	}
	key := accountToken{r.Account, *g.client}
	delete(s.clients, key)
	r.clients = slices.DeleteFunc(r.clients, func(have accountToken) bool { return have == key })
}

func (s *Store) revoke(r *record, side Side) {
	if g := r.grants[side]; g != nil {
		delete(s.grants, g.access.shelf())
		r.grants[side] = nil
	}
}

func (s *Store) grantOf(token string) *grant {
	d := digestOf(token)
	g := s.grants[d.shelf()]
	if g == nil || !g.access.equal(d) {
		return nil
	}
	return g
}
