package tunnels

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
)

// TokenPrefix begins every access token, so that nobody mistakes one for AWS's.
const TokenPrefix = "adit-emulator-not-an-aws-token--"

// tokenBytes makes tokens of 600 characters, padding included: the length of the protocol guide's sample.
const tokenBytes = 449

// newToken makes an access token: the prefix, itself valid base64url, and random bytes.
func newToken() string {
	random := make([]byte, tokenBytes-len(TokenPrefix)/4*3)
	_, _ = rand.Read(random) // never fails: it ends the program instead
	return TokenPrefix + base64.URLEncoding.EncodeToString(random)
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
	token = newToken()
	g := &grant{record: r, side: side, access: digestOf(token)}
	r.grants[side] = g
	s.grants[g.access.shelf()] = g
	return token
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
