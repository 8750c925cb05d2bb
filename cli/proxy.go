package cli

import (
	"context"
	"io"
	"os"

	"github.com/spf13/cobra"
	"golang.org/x/term"
)

const proxyHelp = `Run one side of a tunnel as a local proxy, without a screen, until a signal or
the service ends it. It takes the options and variables of the reference local
proxy (localproxy). The command line counts before --config, and that before
the environment.

The access token comes from --token-file, AWSIOT_TUNNEL_ACCESS_TOKEN, a --config
file or, for every user of the machine to see, -t. It is single use. Give a
client token of your own (-i, AWSIOT_TUNNEL_CLIENT_TOKEN; a UUID), and a proxy
that is started again may use it again. The environment that a process was
started with stays readable to its user in /proc; a token file does not.

It listens on loopback unless -b says otherwise. TLS is always verified. The web
proxy of HTTPS_PROXY or ALL_PROXY is used, but for hosts in NO_PROXY.

Exit codes:
  0  ended in order by a signal
  1  failed: a port in use, a certificate that is not trusted
  2  usage: an option, the configuration file or a token is not as it must be
  3  refused: the token was used, rotated, or is for another region or side
  4  replaced by another local proxy of the same side
  5  the tunnel was closed or has expired
  6  gave up after --give-up-after out of reach of the service
  7  the web proxy on the way refuses: its user and password, or the service`

const proxyExample = `  adit proxy -s 5555 -r eu-west-1 --token-file token
  get-token | adit proxy -s SSH=5555,HTTP=8080 -r eu-west-1 --token-file -
  adit proxy -d 22 -r eu-west-1 --config /etc/adit/proxy.ini --status json`

// newProxyCommand is the local proxy without a screen.
func newProxyCommand() *cobra.Command {
	o := &proxyOptions{}
	cmd := &cobra.Command{
		Use: "proxy", Short: "Run a local proxy without a screen, in place of the reference local proxy",
		Long: proxyHelp, Example: proxyExample, Version: version(),
		Args: func(_ *cobra.Command, args []string) error {
			// The library takes an optional value behind = only, and nobody writes that.
			if len(args) == 1 && args[0] == statusJSON && o.status == statusAuto {
				o.status = statusJSON
				return nil
			}
			if len(args) > 0 {
				return usage("adit proxy takes options only, and a word stands there that belongs to none (%d in all)", len(args))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			env := environment{os.Getenv, os.Unsetenv}
			defer lean(env)()
			if err := o.gather(cmd.Flags(), env); err != nil {
				return err
			}
			plan, err := o.plan(cmd.Context(), os.Stdin, env)
			if err != nil {
				return err
			}
			return o.launch(cmd.Context(), plan, os.Stdout, os.Stderr)
		},
	}
	cmd.SetVersionTemplate("adit {{.Version}}\n")
	cmd.SetFlagErrorFunc(proxyFlagError)
	o.register(cmd.Flags())
	return cmd
}

// launch sets log and status up, gives the warnings, and runs.
func (o *proxyOptions) launch(ctx context.Context, plan *proxyPlan, stdout io.Writer, stderr *os.File) error {
	run := &proxyRun{plan: plan, giveUp: o.giveUp}
	terminal := term.IsTerminal(int(stderr.Fd()))
	logTo := io.Writer(stderr)
	switch {
	case o.status == statusJSON, o.status == statusAuto && !terminal:
		run.report = stdout
	case o.status == statusAuto:
		run.line = &liveLine{out: stderr}
		run.width = func() int {
			const usual = 80
			if width, _, err := term.GetSize(int(stderr.Fd())); err == nil && width > 0 {
				return width - 1
			}
			return usual
		}
		logTo = run.line
	}
	run.log = proxyLog(logTo, o.logFormat, o.verbose)
	for _, note := range o.notes {
		run.log.Warn(note)
	}
	if plan.exposed != "" {
		warnExposed(run, logTo, plan.exposed, terminal && o.logFormat == "text")
	}
	return run.run(ctx)
}

// warnExposed says in red what a listener beyond loopback means, on a terminal whatever the log leaves out.
func warnExposed(run *proxyRun, w io.Writer, address string, red bool) {
	text := "listening on " + address + ", beyond this machine: whoever reaches this port reaches the device through the tunnel, without a password of ours"
	if red {
		before, after := "\x1b[1;31m", "\x1b[0m"
		if os.Getenv("NO_COLOR") != "" {
			before, after = "", ""
		}
		_, _ = io.WriteString(w, before+"WARNING: "+text+after+"\n")
		return
	}
	run.log.Warn(text)
}
