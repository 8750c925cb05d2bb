package tunnelconn

import (
	"os"
	"runtime"
	"testing"
)

// nothingLeft checks at the end of a test, when all else of it has been cleaned up, that it left no goroutine and no open
// file behind. It has to be called before anything is started.
func nothingLeft(t *testing.T) {
	t.Helper()
	files, goroutines := openFiles(t), runtime.NumGoroutine()
	t.Cleanup(func() {
		eventually(t, "nothing is left", func() bool {
			runtime.GC() // What is not referred to any more closes its file then.
			return openFiles(t) <= files && runtime.NumGoroutine() <= goroutines
		})
	})
}

// openFiles counts the process's open files; zero where that cannot be told.
func openFiles(t testing.TB) int {
	t.Helper()
	list, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return 0
	}
	return len(list)
}

// memoryInUse is what this process holds on to, in bytes.
func memoryInUse() uint64 {
	// The first collection leaves a sync.Pool what it holds, which after a transfer that was held up is megabytes.
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse + m.StackInuse
}
