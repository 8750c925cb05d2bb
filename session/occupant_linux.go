package session

import (
	"fmt"
	"net"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
)

// listening is the state of a listening socket in /proc/net/tcp.
const listening = "0A"

// portHolder names the program that listens on an address, as far as /proc tells: the process where it is this user's,
// else whose it is, "" where nobody is found. It reads the links of every process, some milliseconds on a busy machine.
func portHolder(address string) string {
	host, port, ok := splitAddress(address)
	if !ok {
		return ""
	}
	for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		data, err := os.ReadFile(table)
		if err != nil {
			continue
		}
		if inode, uid, ok := findListener(string(data), host, port); ok {
			if name := processWith("socket:[" + inode + "]"); name != "" {
				return name
			}
			if owner, err := user.LookupId(uid); err == nil {
				return "a program of user " + owner.Username
			}
			return "a program of user " + uid
		}
	}
	return ""
}

// findListener looks a listening socket up in the kernel's table (proc_pid_net(5)): the second field is the local address,
// the fourth the state, the eighth the user, the tenth the inode.
func findListener(table, host string, port int) (inode, uid string, ok bool) {
	for line := range strings.SplitSeq(table, "\n") {
		fields := strings.Fields(line)
		if len(fields) < 10 || fields[3] != listening {
			continue
		}
		at, number, cut := strings.Cut(fields[1], ":")
		bound, err := strconv.ParseUint(number, 16, 16)
		if !cut || err != nil || int(bound) != port {
			continue
		}
		ip := kernelAddress(at)
		if wanted := net.ParseIP(host); ip.IsUnspecified() || wanted.IsUnspecified() || ip.Equal(wanted) {
			return fields[9], fields[7], true
		}
	}
	return "", "", false
}

// kernelAddress reads an address of the table: groups of four bytes, each the wrong way round on the usual machines.
func kernelAddress(hex string) net.IP {
	ip := make(net.IP, len(hex)/2)
	for i := range ip {
		b, err := strconv.ParseUint(hex[2*i:2*i+2], 16, 8)
		if err != nil {
			return nil
		}
		ip[i/4*4+3-i%4] = byte(b)
	}
	return ip
}

// processWith names the process that has a file open, "" for none that may be looked at.
func processWith(link string) string {
	files, err := filepath.Glob("/proc/[0-9]*/fd/*")
	if err != nil {
		return ""
	}
	for _, file := range files {
		if target, err := os.Readlink(file); err != nil || target != link {
			continue
		}
		process := filepath.Dir(filepath.Dir(file))
		name, err := os.ReadFile(filepath.Join(process, "comm"))
		if err != nil {
			return ""
		}
		return fmt.Sprintf("%s (process %s)", strings.TrimSpace(string(name)), filepath.Base(process))
	}
	return ""
}
