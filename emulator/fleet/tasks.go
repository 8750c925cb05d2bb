package fleet

import "sync"

// tasks counts what runs on behalf of a device, so that its end can be waited for. After end nothing new begins.
type tasks struct {
	mu      sync.Mutex
	ended   bool
	running sync.WaitGroup
}

// run does f unless the device is ending, and tells whether it did.
func (t *tasks) run(f func()) bool {
	t.mu.Lock()
	if t.ended {
		t.mu.Unlock()
		return false
	}
	t.running.Add(1)
	t.mu.Unlock()
	defer t.running.Done()
	f()
	return true
}

// spawn is run in a goroutine of its own.
func (t *tasks) spawn(f func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.ended {
		t.running.Go(f)
	}
}

// end refuses what is new; wait waits for what is left.
func (t *tasks) end() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.ended = true
}

func (t *tasks) wait() { t.running.Wait() }
