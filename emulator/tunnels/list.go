package tunnels

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"slices"
	"time"
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
	return pageOf(s.scopes[scope], thing, limit, next)
}

// pageOf gives a page of records, which are oldest first.
func pageOf(inScope []*record, thing string, limit int, next string) (page []Tunnel, more string, err error) {
	at := len(inScope)
	if next != "" {
		last, ok := parsePosition(next)
		if !ok {
			return nil, "", failure(Invalid, "The nextToken is not one that ListTunnels returned.")
		}
		at, _ = slices.BinarySearchFunc(inScope, last, byAge)
	}
	for _, r := range slices.Backward(inScope[:at]) {
		if thing != "" && r.thing() != thing {
			continue
		}
		if len(page) == limit {
			return page, more, nil
		}
		page = append(page, r.clone())
		more = position(r)
	}
	return page, "", nil
}

// position writes where a page ended in the characters that a NextToken may have.
func position(r *record) string {
	return base64.URLEncoding.EncodeToString(fmt.Appendf(nil, "%d.%d", r.CreatedAt.UnixMilli(), r.seq))
}

func parsePosition(next string) (*record, bool) {
	text, err := base64.URLEncoding.DecodeString(next)
	if err != nil {
		return nil, false
	}
	var milli int64
	r := &record{}
	if _, err := fmt.Sscanf(string(text), "%d.%d", &milli, &r.seq); err != nil {
		return nil, false
	}
	r.CreatedAt = time.UnixMilli(milli)
	return r, position(r) == next // Sscanf also takes blanks, signs and whatever follows
}
