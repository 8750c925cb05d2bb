package cli

import (
	"os"

	"github.com/spf13/cobra"

	"adit/session"
)

// newConnectCommand is ssh's ProxyCommand: it joins standard input and output to a session of a running adit. Its
// argument is an id, never a token.
func newConnectCommand() *cobra.Command {
	var id string
	cmd := &cobra.Command{
		Use: "connect", Hidden: true, Args: cobra.NoArgs,
		Short: "Join standard input and output to a session of a running adit",
		RunE: func(cmd *cobra.Command, _ []string) error {
			paths, err := session.DefaultPaths(false)
			if err != nil {
				return err
			}
			return session.Connect(cmd.Context(), paths, id, os.Stdin, os.Stdout)
		},
	}
	cmd.Flags().StringVar(&id, "session", "", "id of the session")
	_ = cmd.MarkFlagRequired("session")
	return cmd
}
