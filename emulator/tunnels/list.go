package tunnels

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"slices"
	"time"

	"adit/emulator/choices"
)

// byAge orders records of a scope, oldest first.
func byAge(a, b *record) int {
	return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), cmp.Compare(a.seq, b.seq))
}

// List gives the newest tunnels of a scope, closed ones included, at most limit; thing "" gives all of them. next is ""
// on the first page and then what the page before returned, which is "" after the last page. A page goes on where the one
// before ended whatever was opened or removed meanwhile.
func (s *Store) List(scope Scope, thing string, limit int, next string) (page []Tunnel, more string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.advance()
	return s.pageOf(s.scopes[scope], thing, limit, next)
}

// pageOf gives a page of records, which are oldest first. It must be called with the lock.
func (s *Store) pageOf(inScope []*record, thing string, limit int, next string) (page []Tunnel, more string, err error) {
	at, now := len(inScope), s.cfg.Now()
	if next != "" {
		last, given, ok := parsePosition(next)
		life := s.cfg.Choices.Time(choices.NextTokenLife)
		switch {
		case ok && (life == 0 || now.Sub(given) < life):
			at, _ = slices.BinarySearchFunc(inScope, last, byAge)
		case s.cfg.Choices.Is(choices.UnknownNextToken, "invalid"):
			return nil, "", failure(Invalid, "The nextToken is not one that ListTunnels returned, or too old.")
		}
	}
	for _, r := range slices.Backward(inScope[:at]) {
		if thing != "" && r.thing() != thing {
			continue
		}
		if len(page) == limit {
			return page, more, nil
		}
		page = append(page, r.clone())
		more = position(r, now)
	}
	return page, "", nil
}

// position writes where a page ended, and when that was, in the characters that a NextToken may have.
func position(r *record, now time.Time) string {
	return base64.URLEncoding.EncodeToString(fmt.Appendf(nil, "%d.%d.%d", r.CreatedAt.UnixMilli(), r.seq, now.UnixMilli()))
}

func parsePosition(next string) (r *record, given time.Time, ok bool) {
	text, err := base64.URLEncoding.DecodeString(next)
	if err != nil {
		return nil, given, false
	}
	var created, milli int64
	r = &record{}
	if _, err := fmt.Sscanf(string(text), "%d.%d.%d", &created, &r.seq, &milli); err != nil {
		return nil, given, false
	}
	r.CreatedAt, given = time.UnixMilli(created), time.UnixMilli(milli)
	return r, given, position(r, given) == next // Sscanf also takes blanks, signs and whatever follows
}
