package session

import (
	"errors"
	"fmt"
	"time"

	"adit/client"
	"adit/tunnelconn"
)

// noteStart notes that a local proxy of a tunnel runs; what it returns notes its end.
func (s *Sessions) noteStart(where client.Context, t client.Tunnel, src source) (end func(tunnelconn.Status)) {
	started := time.Now()
	deed := client.Deed{At: started, Context: where, Action: "local proxy starts", Object: thingOrTunnel(t) + " at " + addresses(src.Status())}
	s.opts.Journal.Add(deed)
	return func(status tunnelconn.Status) {
		deed.At, deed.Took, deed.Action = time.Now(), time.Since(started), "local proxy ends"
		if status.Err != nil && !errors.Is(status.Err, tunnelconn.ErrClosed) {
			deed.Failed, deed.Result = true, status.Err.Error()
		}
		s.opts.Journal.Add(deed)
	}
}

// note notes how a shell ended. A remote command that fails is no failure of the shell's.
func (s *Shell) note(started time.Time, err error) {
	deed := client.Deed{
		At: started, Took: time.Since(started), Context: s.tunnel.Context, Action: "shell",
		Object: thingOrTunnel(s.tunnel), Result: fmt.Sprintf("ended with %d", s.code), Failed: s.code == sshFailure,
	}
	if s.code == statusUnknown {
		deed.Result = "cut off: it has no exit status"
	}
	if err != nil {
		deed.Failed, deed.Result = true, err.Error()
	}
	s.sessions.opts.Journal.Add(deed)
}
