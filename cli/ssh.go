package cli

import (
	"os"

	"github.com/spf13/cobra"

	"adit/client"
	"adit/views"
)

// newSSHCommand is the screen that goes straight to a shell.
func newSSHCommand(keys *interrupts) *cobra.Command {
	flags, aim := &screenFlags{interrupts: keys}, views.Aim{}
	cmd := &cobra.Command{
		Use: "ssh THING", Args: cobra.ExactArgs(1),
		Short: "Go straight to a shell on a thing",
		Long: `Take an open tunnel of the thing, or open one when you say so, which is billed, and start ssh in it. When ssh has ended adit
asks whether to quit, and closes what it opened when you say so. It needs a terminal: whatever is to be decided is asked there.`,
		Example: `  adit ssh pump-07
  adit ssh pump-07 --when-online --profile prod --region eu-west-1`,
		RunE: func(cmd *cobra.Command, args []string) error {
			aim.Thing = args[0]
			if err := client.ValidateThing(aim.Thing); err != nil {
				return err
			}
			return runAWS(cmd.Context(), flags, os.Getenv, &aim)
		},
	}
	flags.register(cmd.Flags())
	flags.registerAWS(cmd.Flags())
	cmd.Flags().BoolVar(&aim.WhenOnline, "when-online", false, "wait until the thing is online, and open one tunnel then where none can be reused (billed)")
	return cmd
}
