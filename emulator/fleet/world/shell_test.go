package world

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// noon is when these machines live.
func noon() time.Time { return time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC) }

// result is what a command line leaves.
type result struct {
	Out, Err string
	Status   int
}

func exec(t *testing.T, line, stdin string) result {
	t.Helper()
	var out, errors bytes.Buffer
	shell := NewShell(NewMachine("pump-07", 1, noon), "root", Streams{strings.NewReader(stdin), &out, &errors})
	status := shell.Exec(t.Context(), line)
	return result{out.String(), errors.String(), status}
}

func TestExecSpeaksTheLanguageOfAShell(t *testing.T) {
	for line, want := range map[string]result{
		"":                                     {"", "", 0},
		"# nothing":                            {"", "", 0},
		"echo a  b":                            {"a b\n", "", 0},
		"echo -n a":                            {"a", "", 0},
		`echo "a  b" 'c  d' e\ f`:              {"a  b c  d e f\n", "", 0},
		`echo "$USER" '$USER' \$USER ${USER}s`: {"root $USER $USER roots\n", "", 0},
		`echo "it's" 'say "hi"' "\$5 \n"`:      {"it's say \"hi\" $5 \\n\n", "", 0},
		`echo '' "" | wc -c`:                   {"2\n", "", 0},
		"echo $nothing":                        {"\n", "", 0},
		"echo ~ ~/x '~' a~":                    {"/root /root/x ~ a~\n", "", 0},
		"false; echo $?":                       {"1\n", "", 0},
		"true && echo yes":                     {"yes\n", "", 0},
		"false && echo no":                     {"", "", 1},
		"false || echo no":                     {"no\n", "", 0},
		"false && echo a || echo b":            {"b\n", "", 0},
		"true || echo a && echo b":             {"b\n", "", 0},
		"echo a\necho b":                       {"a\nb\n", "", 0},
		"echo a \\\n b":                        {"a b\n", "", 0},
		"x=5; echo $x":                         {"5\n", "", 0},
		"export x=6 && env | grep ^x":          {"x=6\n", "", 0},
		"exit 7; echo no":                      {"", "", 7},
		"false; exit":                          {"", "", 1},
		"exit 300":                             {"", "", 44},
		"exit x":                               {"", "exit: illegal number: x\n", 2},
		"exit 3 | true; echo on":               {"on\n", "", 0},
		"frobnicate -x":                        {"", "sh: frobnicate: not found\n", 127},
		"frobnicate || echo $?":                {"127\n", "sh: frobnicate: not found\n", 0},
		"frobnicate 2>/dev/null":               {"", "", 127},
		"frobnicate 2>&1 | cat":                {"sh: frobnicate: not found\n", "", 0},
		"echo gone > /dev/null":                {"", "", 0},
		"echo gone >&2":                        {"", "gone\n", 0},
		"echo x > /tmp/y":                      {"", "sh: can't create /tmp/y: Read-only file system\n", 1},
		"cat < /etc/hostname":                  {"pump-07\n", "", 0},
		"cat < /etc/nothing":                   {"", "sh: can't open /etc/nothing: No such file or directory\n", 1},
		`echo "half`:                           {"", "sh: syntax error: unterminated quoted string\n", 2},
		"yes | head -n 2":                      {"y\ny\n", "", 0},
		"cd / | true; pwd":                     {"/root\n", "", 0},
	} {
		if diff := cmp.Diff(want, exec(t, line, "")); diff != "" {
			t.Errorf("%q (-want +got):\n%s", line, diff)
		}
	}
}

func TestCommandsShowABelievableDevice(t *testing.T) {
	for line, want := range map[string]string{
		"uname":                                "Linux\n",
		"uname -a":                             "Linux pump-07 6.6.52-yocto-standard #1 SMP PREEMPT Tue Sep 24 09:31:07 UTC 2024 aarch64 GNU/Linux\n",
		"uname -nm":                            "pump-07 aarch64\n",
		"hostname":                             "pump-07\n",
		"whoami":                               "root\n",
		"id":                                   "uid=0(root) gid=0(root) groups=0(root)\n",
		"date":                                 "Mon Nov 23 12:00:00 UTC 2026\n",
		"date +%s":                             "1795435200\n",
		"cd /var/log; pwd; cd; pwd; cd -":      "/var/log\n/root\n/var/log\n",
		"cd ../etc && cat hostname":            "pump-07\n",
		"ls /":                                 "data\ndev\netc\nhome\nproc\nroot\nrun\nsys\ntmp\nvar\n",
		"ls /var/log":                          "dmesg\nmessages\npumpd.log\n",
		"ls -l /etc/hostname":                  "-rw-r--r--    1 root     root            8 Nov  5 01:07 /etc/hostname\n",
		"cat /etc/os-release | head -n 1":      "ID=edgeos\n",
		"cat /etc/hosts /etc/hostname | wc -l": "3\n",
		"head -c 5 /dev/zero | wc -c":          "5\n",
		"tail -n 1 /etc/passwd":                "service:x:1000:1000::/home/service:/bin/sh\n",
		"grep -v root /etc/passwd":             "service:x:1000:1000::/home/service:/bin/sh\n",
		"sha256sum /dev/null":                  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  /dev/null\n",
		"wc /etc/hostname":                     "      1       1       8 /etc/hostname\n",
		"systemctl is-active pumpd":            "active\n",
		"tail -n 1 /var/log/pumpd.log | grep -i PRESSURE= | wc -l": "1\n",
		"journalctl -u pumpd -n 1 | grep started | wc -l":          "1\n",
	} {
		if diff := cmp.Diff(result{Out: want}, exec(t, line, "")); diff != "" {
			t.Errorf("%q (-want +got):\n%s", line, diff)
		}
	}
}

func TestEveryCommandRunsWithoutArguments(t *testing.T) {
	for _, c := range commands() {
		if c.name == "yes" {
			continue
		}
		got := exec(t, c.name, "")
		if got.Status == statusNotFound || strings.Contains(got.Out+got.Err, "%!") {
			t.Errorf("%s: %+v", c.name, got)
		}
	}
	if got := exec(t, "help", ""); !strings.Contains(got.Out, "journalctl") || got.Status != 0 {
		t.Errorf("help: %+v", got)
	}
}

func TestFailuresHaveAWordAndAStatus(t *testing.T) {
	for line, want := range map[string]result{
		"cat /etc":              {"", "cat: can't open '/etc': Is a directory\n", 1},
		"cat /nothing":          {"", "cat: can't open '/nothing': No such file or directory\n", 1},
		"ls /nothing":           {"", "ls: /nothing: No such file or directory\n", 1},
		"cd /etc/hostname":      {"", "cd: can't cd to /etc/hostname\n", 1},
		"head -n x":             {"", "head: invalid number 'x'\n", 1},
		"grep":                  {"", "grep: missing pattern\n", 1},
		"grep [":                {"", "grep: bad regex '['\n", 2},
		"grep z /etc/hostname":  {"", "", 1},
		"sleep":                 {"", "sleep: missing operand\n", 1},
		"sleep x":               {"", "sleep: invalid number 'x'\n", 1},
		"stty size":             {"", "stty: standard input: Not a tty\n", 1},
		"systemctl stop pumpd":  {"", "systemctl: Access denied\n", 1},
		"systemctl status x":    {"", "systemctl: Unit x.service could not be found.\n", 4},
		"ip link":               {"", "ip: either \"ip a\" or \"ip r\"\n", 1},
		"journalctl -u nothing": {"-- No entries --\n", "", 0},
		"journalctl -n":         {"", "journalctl: option requires an argument: -n\n", 1},
		"reboot":                {"", "reboot: Operation not permitted\n", 1},
		"export 5=x":            {"", "export: 5: bad variable name\n", 1},
		"uname -x":              {"", "uname: invalid option '-x'\n", 1},
	} {
		if diff := cmp.Diff(want, exec(t, line, "")); diff != "" {
			t.Errorf("%q (-want +got):\n%s", line, diff)
		}
	}
}

func TestCatCopiesItsInputByteByByte(t *testing.T) {
	every := make([]byte, 0, 1<<16)
	for i := range cap(every) {
		every = append(every, byte(i^i>>8))
	}
	for _, line := range []string{"cat", "cat -", "cat | cat", "cat < /dev/null; cat"} {
		if got := exec(t, line, string(every)); got.Out != string(every) || got.Status != 0 {
			t.Errorf("%s: %d of %d bytes, status %d", line, len(got.Out), len(every), got.Status)
		}
	}
}

func TestScriptLeavesToACommandWhatFollowsItsLine(t *testing.T) {
	var out bytes.Buffer
	script := "echo one\nhead -c 4\ntwo\necho three\nexit 5\necho four\n"
	shell := NewShell(NewMachine("pump-07", 1, noon), "root", Streams{strings.NewReader(script), &out, io.Discard})
	if status := shell.Script(t.Context()); status != 5 || out.String() != "one\ntwo\nthree\n" {
		t.Errorf("status %d, output %q", status, out.String())
	}
}

func TestSleepWaitsAsLongAsItSays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for line, want := range map[string]time.Duration{
			"sleep 90": 90 * time.Second, "sleep 0.5": 500 * time.Millisecond, "sleep 2m": 2 * time.Minute,
		} {
			before := time.Now()
			if got := exec(t, line, ""); got.Status != 0 || time.Since(before) != want {
				t.Errorf("%s: %+v after %v", line, got, time.Since(before))
			}
		}
	})
}

func TestTheSameSeedMakesTheSameMachine(t *testing.T) {
	look := "ip a; dmesg; uptime; cat /etc/pumpd.conf /var/log/pumpd.log; journalctl"
	if a, b := exec(t, look, ""), exec(t, look, ""); a != b {
		t.Errorf("two looks differ:\n%s\n%s", a.Out, b.Out)
	}
	other := NewMachine("pump-12", 1, noon)
	if this := NewMachine("pump-07", 1, noon); this.Serial == other.Serial || this.MAC == other.MAC {
		t.Errorf("pump-07 and pump-12 have the same serial %s or MAC %s", this.Serial, this.MAC)
	}
}

func TestRebootStartsTheUptimeAnew(t *testing.T) {
	now := noon()
	m := NewMachine("pump-07", 1, func() time.Time { return now })
	if m.Uptime() < 3*24*time.Hour {
		t.Errorf("up for %v at the start, want days", m.Uptime())
	}
	m.OnReboot(func() (time.Duration, error) { return 20 * time.Second, nil })
	var out bytes.Buffer
	shell := NewShell(m, "root", Streams{strings.NewReader(""), &out, &out})
	if status := shell.Exec(t.Context(), "reboot"); status != 0 || !strings.Contains(out.String(), "back in about 20s") {
		t.Errorf("status %d, output %q", status, out.String())
	}
	now = now.Add(time.Minute)
	m.Boot()
	now = now.Add(7 * time.Minute)
	out.Reset()
	shell.Exec(t.Context(), "uptime")
	if !strings.Contains(out.String(), "up 7 min,") {
		t.Errorf("uptime: %q", out.String())
	}
}
