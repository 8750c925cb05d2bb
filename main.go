// Command adit is a terminal UI for AWS IoT Secure Tunneling.
package main

import (
	"os"

	"adit/cli"
)

func main() { os.Exit(cli.Execute(os.Args[1:])) }
