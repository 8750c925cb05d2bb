// Package world is the inside of a simulated device: the machine, its files, its services and a shell to look at them.
//
// All of it is made up in memory. A command is a Go function in the table of commands, a file is a Go function in the
// table of files; no process is ever started, no file of the host read, no address dialled. The package knows nothing of
// SSH, MQTT or tunnels: it is handed streams, and a terminal to draw on.
//
// To add a command, write a function of the type command.run and a line in commands; to add a file, a line in
// Machine.files; to add a kind of device, a line in roles.
package world
