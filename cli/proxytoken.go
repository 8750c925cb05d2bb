package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"
	"strings"

	"adit/tunnelconn/token"
)

// maxTokenFile is far more than the longest token has, in bytes.
const maxTokenFile = 16 << 10

// secret is an option's value that no help and no error repeats. It may be given one time.
type secret struct{ token token.Token }

func (s *secret) Set(text string) error {
	if !s.token.IsZero() {
		return errTwice
	}
	s.token = token.New(text)
	return nil
}

func (s *secret) String() string { return "" }
func (s *secret) Type() string   { return "token" }

// readToken reads the token's one line. A terminal has no end, so the end of the line is enough; the context's end leaves
// the reading goroutine behind, as standard input cannot be interrupted, and the program ends then.
func readToken(ctx context.Context, from io.Reader) (token.Token, error) {
	type answer struct {
		line string
		err  error
	}
	read := make(chan answer, 1)
	go func() {
		line, err := bufio.NewReader(io.LimitReader(from, maxTokenFile)).ReadString('\n')
		if errors.Is(err, io.EOF) {
			err = nil
		}
		read <- answer{strings.TrimSpace(line), err}
	}()
	select {
	case got := <-read:
		if got.err == nil && got.line == "" {
			got.err = errors.New("there is no token in its first line")
		}
		return token.New(got.line), got.err
	case <-ctx.Done():
		return token.Token{}, context.Cause(ctx)
	}
}

// readTokenFile reads a file's first line; "-" is standard input. The note warns of a file that everybody may read.
func readTokenFile(ctx context.Context, name string, stdin io.Reader) (_ token.Token, note string, err error) {
	if name == "-" {
		t, err := readToken(ctx, stdin)
		if err != nil {
			return t, "", fmt.Errorf("read the access token from standard input: %w", err)
		}
		return t, "", nil
	}
	file, err := os.Open(name)
	if err != nil {
		return token.Token{}, "", fmt.Errorf("the token file %s cannot be read: %w", name, cause(err))
	}
	defer file.Close()
	t, err := readToken(ctx, file)
	if err != nil {
		return t, "", fmt.Errorf("the token file %s cannot be read: %w", name, cause(err))
	}
	return t, readableByAll(file), nil
}

// readableByAll is a warning when every user of the machine may read a file with a token in it. Windows keeps such
// rights elsewhere.
func readableByAll(file *os.File) string {
	info, err := file.Stat()
	if runtime.GOOS == "windows" || err != nil || !info.Mode().IsRegular() || info.Mode().Perm()&0o004 == 0 {
		return ""
	}
	return fmt.Sprintf("every user of this machine can read the token in %s: chmod 600 it", file.Name())
}

// cause is a file error without the operation and path that the sentence around it has already.
func cause(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}
