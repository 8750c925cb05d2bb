package cli

import (
	"runtime"
	"runtime/debug"
)

// lean suits the runtime to a process that is woken, moves some bytes and sleeps again. On more than one processor a
// goroutine that wakes another one wakes a thread with it, which takes longer than what it is woken for; and while it starts,
// a heap of two megabytes would grow to five before anything is collected. What the environment says of either counts
// before. The function it returns undoes it.
func lean(env environment) (undo func()) {
	processors, percent := runtime.GOMAXPROCS(0), -1
	if env.get("GOMAXPROCS") == "" {
		runtime.GOMAXPROCS(1)
	}
	if env.get("GOGC") == "" {
		percent = debug.SetGCPercent(50)
	}
	return func() {
		runtime.GOMAXPROCS(processors)
		if percent >= 0 {
			debug.SetGCPercent(percent)
		}
	}
}
