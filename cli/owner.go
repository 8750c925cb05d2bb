package cli

import (
	"fmt"
	"os"
	"os/user"
	"strings"
)

// owner is who opens and holds tunnels here, as the tags tell it: alice@bastion3.
func owner() string {
	name := "unknown"
	if u, err := user.Current(); err == nil && u.Username != "" {
		name = u.Username
	}
	host, err := os.Hostname()
	if err != nil {
		return name
	}
	host, _, _ = strings.Cut(host, ".")
	return fmt.Sprintf("%s@%s", name, host)
}
