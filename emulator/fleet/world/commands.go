package world

import "context"

// command is one line of the table.
type command struct {
	name, usage, help string
	run               func(ctx context.Context, p *process) int
}

// commands is all that a device can do.
func commands() []command {
	return []command{
		{"cat", "[FILE]...", "print files, or what comes in", cat},
		{"cd", "[DIR]", "change the directory", cd},
		{"clear", "", "clear the screen", clearScreen},
		{"date", "[-u] [+%s]", "print the time", date},
		{"df", "[-h]", "show the file systems", df},
		{"dmesg", "", "print what the kernel said", dmesg},
		{"echo", "[-n] [WORD]...", "print words", echo},
		{"env", "", "print the variables", env},
		{"exit", "[N]", "log out with status N", exit},
		{"export", "NAME=VALUE...", "set variables", export},
		{"false", "", "fail", fail},
		{"free", "", "show the memory", free},
		{"grep", "[-iv] PATTERN [FILE]...", "print the lines that match", grep},
		{"head", "[-n N | -c N] [FILE]...", "print the beginning", head},
		{"help", "", "print this", help},
		{"hostname", "", "print the device's name", hostname},
		{"id", "", "print who you are", id},
		{"ifconfig", "", "show the network, the old way", ifconfig},
		{"ip", "a | r", "show addresses or routes", ip},
		{"journalctl", "[-u UNIT] [-n N]", "print the services' log", journalctl},
		{"logout", "", "log out", exit},
		{"ls", "[-la] [PATH]...", "list a directory", ls},
		{"ps", "", "list the processes", ps},
		{"pwd", "", "print the directory", pwd},
		{"reboot", "", "restart the device: its tunnel is cut and comes back", reboot},
		{"sha256sum", "[FILE]...", "print checksums", sha256sum},
		{"sleep", "SECONDS", "wait", sleep},
		{"stty", "size", "print the rows and columns of the terminal", stty},
		{"systemctl", "[status [UNIT]]", "show the services", systemctl},
		{"tail", "[-n N] [FILE]...", "print the end", tail},
		{"true", "", "succeed", succeed},
		{"uname", "[-a]", "print the system's name", uname},
		{"uptime", "", "print for how long the device has been up", uptime},
		{"wc", "[-c | -l] [FILE]...", "count lines, words and bytes", wc},
		{"whoami", "", "print your name", whoami},
		{"yes", "[WORD]...", "print without end", yes},
	}
}
