package session

import (
	"context"
	"errors"
	"time"

	"adit/client"
	"adit/tunnelconn"
)

// holderTimeout bounds each change of the best-effort tag that says who has the source.
const holderTimeout = 10 * time.Second

// successorPause is the time who took the source has to write their own tag before ours is looked at: reading a tag and
// removing it are two calls, and theirs must not fall between them.
const successorPause = 5 * time.Second

// mark is a holder tag of this process's.
type mark struct {
	value string
	// gone is closed once the tag was taken away, as far as it could be.
	gone chan struct{}
}

// markHolder notes on the tunnel who has its source, for others to see, and takes the note away when this process has it
// no longer. It is a courtesy: that it is denied is no error. A read-only Service refuses it without a call.
func (s *Sessions) markHolder(svc client.Service, t client.Tunnel, src source) {
	owner := tagValue(s.opts.Owner)
	if owner == "" || t.ARN == "" {
		return
	}
	now := &mark{value: tagValue(owner + " " + clock(time.Now())), gone: make(chan struct{})}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	before := s.marks[t.Key]
	s.marks[t.Key] = now
	s.work.Go(func() {
		defer close(now.gone)
		if before != nil {
			<-before.gone // else the end of an earlier proxy could take this one's tag away
		}
		switch err := s.tag(svc, t, now.value); client.KindOf(err) {
		case client.KindDenied, client.KindReadOnly:
			return
		}
		status := src.Status()
		for ; status.State != tunnelconn.Stopped; status = src.Status() {
			if _, err := src.Changed(s.parting, status.Seq); err != nil {
				return
			}
		}
		if errors.Is(status.Err, tunnelconn.ErrReplaced) {
			_ = pause(s.ctx, successorPause) // cut short when adit ends
		}
		s.untag(svc, t, now.value)
	})
}

func (s *Sessions) tag(svc client.Service, t client.Tunnel, value string) error {
	ctx, cancel := context.WithTimeout(s.parting, holderTimeout)
	defer cancel()
	err := svc.Tag(ctx, t.ARN, []client.Tag{{Key: tagHolder, Value: client.Text(value)}})
	if err != nil {
		s.log.Debug("no holder tag", "tunnel", t.Key.ID, "error", err)
	}
	return err
}

// untag takes the holder tag away if it still says what this process wrote: who took the source has written their own.
func (s *Sessions) untag(svc client.Service, t client.Tunnel, value string) {
	ctx, cancel := context.WithTimeout(s.parting, holderTimeout)
	defer cancel()
	now, err := svc.Describe(ctx, t.Key.ID)
	if err == nil && tagOf(now, tagHolder) != value {
		return
	}
	if err == nil {
		err = svc.Untag(ctx, t.ARN, []string{tagHolder})
	}
	if err != nil {
		s.log.Debug("the holder tag stays", "tunnel", t.Key.ID, "error", err)
		return
	}
	s.watcher.Refresh(t.Key)
}

// holderOf is who has a tunnel's source by its tag, clean; "" where nobody says, or only this process does, which has it
// no longer.
func (s *Sessions) holderOf(t client.Tunnel) string {
	value := tagOf(t, tagHolder)
	s.mu.Lock()
	defer s.mu.Unlock()
	if ours := s.marks[t.Key]; ours != nil && ours.value == value {
		return ""
	}
	return client.Clean(value)
}
