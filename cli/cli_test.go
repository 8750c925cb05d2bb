package cli

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"syscall"
	"testing"

	"charm.land/fang/v2"
)

func TestVersionNamesProgramGoAndPlatform(t *testing.T) {
	var out bytes.Buffer
	cmd := newRootCommand(&interrupts{})
	cmd.SetOut(&out)
	cmd.SetArgs([]string{"version"})
	if err := cmd.Execute(); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"adit ", "go1.", "/"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("version prints %q, without %q", out.String(), want)
		}
	}
}

func TestASignalIsTheExitCode(t *testing.T) {
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(signalled{syscall.SIGTERM})
	for _, c := range []struct {
		name string
		ctx  context.Context
		err  error
		want int
	}{
		{"good end", context.Background(), nil, 0},
		{"error", context.Background(), errors.New("x"), 1},
		{"signal", ctx, context.Canceled, 143},
		{"signal after a good end", ctx, nil, 143},
	} {
		if got := exitCode(c.ctx, c.err); got != c.want {
			t.Errorf("%s: exit code %d, want %d", c.name, got, c.want)
		}
	}
}

func TestAnErrorIsPrintedAsItIs(t *testing.T) {
	var out bytes.Buffer
	printError(&out, fang.Styles{}, errors.New("/Root/File: is not there"))
	if out.String() != "adit: /Root/File: is not there\n" {
		t.Errorf("printed %q", out.String())
	}
	out.Reset()
	printError(&out, fang.Styles{}, context.Canceled)
	if out.Len() != 0 {
		t.Errorf("the end by a signal printed %q", out.String())
	}
}
