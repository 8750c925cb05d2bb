package session

import (
	"context"
	"fmt"
	"os"
	"testing"

	"go.uber.org/goleak"
)

// asHolder makes the test binary act as another adit that has a run directory, in the directory it names.
const asHolder = "ADIT_TEST_AS_HOLDER"

// asConnect makes the test binary act as `adit connect`, ssh's ProxyCommand.
const asConnect = "ADIT_TEST_AS_CONNECT"

func TestMain(m *testing.M) {
	if run := os.Getenv(asHolder); run != "" {
		fmt.Fprintln(os.Stderr, holdRunDir(run))
		os.Exit(1)
	}
	if os.Getenv(asConnect) == "" {
		goleak.VerifyTestMain(m)
		return
	}
	if len(os.Args) != 4 || os.Args[1] != "connect" || os.Args[2] != "--session" {
		fmt.Fprintf(os.Stderr, "unexpected arguments %q\n", os.Args)
		os.Exit(2)
	}
	paths, err := DefaultPaths(false)
	if err == nil {
		err = Connect(context.Background(), paths, os.Args[3], os.Stdin, os.Stdout)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}
