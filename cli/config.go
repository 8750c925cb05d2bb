package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/spf13/cobra"

	"adit/keymap"
	"adit/settings"
)

func newConfigCommand() *cobra.Command {
	flags := &screenFlags{}
	cmd := &cobra.Command{
		Use: "config", Args: cobra.NoArgs,
		Short: "Print the settings in effect, and where each comes from",
		Long: `Print the settings in effect as settings.yaml could have them, each with its origin: the default, a line of the file, a
variable or a flag. What the file has for a profile of its own follows under profiles.`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := flags.settle(); err != nil {
				return err
			}
			return printSettings(cmd.OutOrStdout(), flags.settings)
		},
	}
	flags.register(cmd.Flags())
	cmd.AddCommand(&cobra.Command{
		Use: "keys", Args: cobra.NoArgs,
		Short: "Print the keys as shipped, in the form that settings.yaml takes",
		RunE:  func(cmd *cobra.Command, _ []string) error { return printKeys(cmd.OutOrStdout(), keymap.Default()) },
	})
	return cmd
}

// printSettings writes the values for everybody and then those of each profile.
func printSettings(w io.Writer, s *settings.Settings) error {
	var out strings.Builder
	writeValues(&out, "", s.Effective(""))
	if profiles := s.Profiles(); len(profiles) > 0 {
		out.WriteString("profiles:\n")
		for _, profile := range profiles {
			out.WriteString("  " + inYAML(profile) + ":\n")
			writeValues(&out, "    ", s.Own(profile))
		}
	}
	_, err := io.WriteString(w, out.String())
	return err
}

// writeValues sets the values under each other, and their origins behind them.
func writeValues(out *strings.Builder, indent string, values []settings.Value) {
	for _, v := range values {
		fmt.Fprintf(out, "%-40s # %s\n", indent+v.Key+": "+v.Text, v.Origin)
	}
}

// printKeys writes the keys of every action, with what they do.
func printKeys(w io.Writer, keys *keymap.Map) error {
	var out strings.Builder
	out.WriteString("keys:\n")
	scope := keymap.Scope("")
	for _, b := range keys.All() {
		if b.Scope != scope {
			scope = b.Scope
			fmt.Fprintf(&out, "  # %s\n", scope)
		}
		of := make([]string, len(b.Keys))
		for i, key := range b.Keys {
			of[i] = inYAML(key)
		}
		fmt.Fprintf(&out, "  %-40s # %s\n", string(b.Action)+": ["+strings.Join(of, ", ")+"]", b.Title)
	}
	_, err := io.WriteString(w, out.String())
	return err
}

// inYAML quotes a text where YAML needs it.
func inYAML(text string) string {
	written, err := yaml.MarshalWithOptions([]string{text}, yaml.Flow(true))
	if err != nil {
		return fmt.Sprintf("%q", text)
	}
	return strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(string(written)), "["), "]")
}
