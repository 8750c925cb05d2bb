//go:build linux

package tunnelconn

import (
	"net"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"
)

// TestT23ListenerSurvivesWithoutDescriptors runs itself in a process of its own, as the limit holds for a whole process.
func TestT23ListenerSurvivesWithoutDescriptors(t *testing.T) {
	const variable = "ADIT_TEST_DESCRIPTORS"
	if os.Getenv(variable) == "" {
		child := exec.Command(os.Args[0], "-test.run=^TestT23ListenerSurvivesWithoutDescriptors$", "-test.v")
		child.Env = append(os.Environ(), variable+"=1")
		if out, err := child.CombinedOutput(); err != nil {
			t.Errorf("%v\n%s", err, out)
		}
		return
	}
	r := newRelay(t, "SSH")
	r.destination(Auto, map[string]string{"SSH": application(t, echo)})
	s := r.sourceOf(V3, standardTiming(), "SSH")
	stateIs(t, s, "connected", func(s Status) bool { return s.State == Connected })
	address := addressOf(t, s, "SSH")
	before := dial(t, s, "SSH")
	roundTrip(t, before, 1, 1000)
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &syscall.Rlimit{Cur: 64, Max: 64}); err != nil {
		t.Fatal(err)
	}
	var taken []net.Conn
	for range 500 { // Until there are none left, and beyond.
		conn, err := net.DialTimeout("tcp", address, 100*time.Millisecond)
		if err != nil {
			break
		}
		taken = append(taken, conn)
	}
	// Those that were accepted still come to their end for a while; one that tried again and again would never rest.
	share := 1.0
	for tries := 0; tries < 5 && share > 0.05; tries++ {
		used, begun := cpuTime(t), time.Now()
		time.Sleep(time.Second)
		share = float64(cpuTime(t)-used) / float64(time.Since(begun))
	}
	if share > 0.05 {
		t.Errorf("%.0f %% of a processor is used while there are no descriptors", share*100)
	}
	roundTrip(t, before, 2, 1000)
	for _, conn := range taken {
		reset(conn)
	}
	freed := time.Now()
	eventually(t, "a connection works again", func() bool {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			return false
		}
		defer conn.Close()
		_ = conn.SetDeadline(time.Now().Add(5 * time.Second))
		_, err = conn.Write([]byte("x"))
		if err == nil {
			_, err = conn.Read(make([]byte, 1))
		}
		return err == nil
	})
	if took := time.Since(freed); took > 3*time.Second { // A second of it is the pause before the next accept.
		t.Errorf("it took %v to serve again", took)
	}
	if status := s.Status(); status.Reconnects != 0 {
		t.Errorf("status %+v", status)
	}
}

// cpuTime is what this process has used of processors.
func cpuTime(t *testing.T) time.Duration {
	t.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		t.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
