package session

import (
	"context"

	"adit/client"
)

// turn waits until no other attempt asks for a tunnel's source token or starts its proxy. Each would void the other's
// token; the one that waited finds what the first one got. The turn ends with a call of what is given.
func (s *Sessions) turn(ctx context.Context, key client.Key) (end func(), err error) {
	s.mu.Lock()
	turns := s.turns[key]
	if turns == nil {
		turns = make(chan struct{}, 1)
		s.turns[key] = turns
	}
	s.mu.Unlock()
	select {
	case turns <- struct{}{}:
		return func() { <-turns }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
