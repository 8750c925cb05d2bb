// Package cli is adit's command line: it reads flags and environment, chooses AWS or the embedded service, and joins the
// other rooms together.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"charm.land/fang/v2"
	"github.com/spf13/cobra"
)

// Execute runs a command line and returns the exit code: 0, 1 for an error, 128 and its number for a signal; adit proxy
// has codes of its own.
func Execute(args []string) int {
	keys := &interrupts{}
	ctx, stop := withSignals(context.Background(), keys)
	defer stop()
	root := newRootCommand(keys)
	root.SetArgs(args)
	err := fang.Execute(ctx, root, fang.WithVersion(version()), fang.WithErrorHandler(printError))
	return exitCode(ctx, err)
}

// printError prints a sentence as it is, and nothing where it was said already or a signal ended the program.
func printError(w io.Writer, _ fang.Styles, err error) {
	var status *exitStatus
	if silent := errors.As(err, &status) && status.err == nil; !silent && !errors.Is(err, context.Canceled) {
		fmt.Fprintf(w, "adit: %v\n", err)
	}
}

func newRootCommand(keys *interrupts) *cobra.Command {
	flags := &screenFlags{interrupts: keys}
	root := &cobra.Command{
		Use:   "adit",
		Short: "Terminal UI for AWS IoT Secure Tunneling",
		Long: `See every tunnel of an account and region with the live state of both sides, open one, and be in a shell on the
device in one motion. The local proxy is built in; adit demo needs neither an account nor a network.`,
		Example: `  adit demo
  adit --profile prod --region eu-west-1
  adit --endpoint-url http://127.0.0.1:4566 --data-endpoint 127.0.0.1:8443 --ca ca.pem`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return runAWS(cmd.Context(), flags, os.Getenv, nil)
		},
	}
	flags.register(root.Flags())
	flags.registerAWS(root.Flags())
	root.AddCommand(newSSHCommand(keys), newDemoCommand(), newEmulateCommand(), newVersionCommand(), newConnectCommand(), newProxyCommand(), newConfigCommand(), newGuardCommand())
	return root
}
