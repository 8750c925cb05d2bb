package session

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"
)

// Connect joins standard streams to a session of the holder: it is `adit connect --session ID`, ssh's ProxyCommand. It
// never asks anything. It ends when the session's side ends; a read of in that is still waiting then is left to the end
// of the process. A failure is a sentence that says what to do.
func Connect(ctx context.Context, paths Paths, id string, in io.Reader, out io.Writer) error {
	if !sessionID.MatchString(id) {
		return errors.New("that is no session's id. `adit connect` is run by the ssh that adit starts; start a shell from adit instead")
	}
	dialer := net.Dialer{}
	conn, err := dialer.DialContext(ctx, "unix", socketPath(paths.Run, id))
	switch {
	case missing(err), errors.Is(err, syscall.ECONNREFUSED):
		return errors.New("this session is over, or the adit that held it has ended. Start the shell again from adit")
	case errors.Is(err, syscall.EACCES), errors.Is(err, syscall.EPERM):
		return errors.New("this session belongs to another user")
	case err != nil:
		return fmt.Errorf("the session cannot be reached: %w", err)
	}
	defer func() { _ = conn.Close() }()
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	go func() {
		_, _ = io.Copy(conn, in)
		if half, ok := conn.(interface{ CloseWrite() error }); ok {
			_ = half.CloseWrite() // what comes back is still wanted
		}
	}()
	_, err = io.Copy(out, conn)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		return fmt.Errorf("the connection to the device was cut: %w. Start the shell again from adit", err)
	}
	if _, err := os.Stat(cutPath(socketPath(paths.Run, id))); err == nil {
		return errors.New("the connection to the device was cut. Start the shell again from adit")
	}
	return nil
}
