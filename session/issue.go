package session

import (
	"context"

	"adit/client"
	"adit/tunnelconn/token"
)

// IssueSource rotates the source token and gives the new one out instead of keeping it: somebody wants it for a local proxy
// that is not this process's. Ours of that tunnel ends, as its token is void.
func (s *Sessions) IssueSource(ctx context.Context, svc client.Service, t client.Tunnel) (token.Token, error) {
	call, cancel := s.recorded(ctx)
	defer cancel()
	out, err := svc.Rotate(call, client.RotateInput{ID: t.Key.ID, Mode: client.ModeSource})
	if err != nil {
		return token.Token{}, err
	}
	s.mu.Lock()
	delete(s.tokens, t.Key) // void, too
	s.mu.Unlock()
	s.log.Info("source token given out", "tunnel", t.Key.ID)
	s.watcher.Refresh(t.Key)
	if _, ours := s.running(t.Key); ours {
		return out.Source, s.StopProxy(t.Key)
	}
	return out.Source, nil
}
