package world

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"
)

// errNoReboot: nobody has offered to switch the machine off and on.
var errNoReboot = errors.New("this machine cannot be restarted")

// Machine is one simulated device. It is safe for use by several goroutines.
type Machine struct {
	// Name is the thing's name and the host's.
	Name string
	// Model and Serial are on its label.
	Model, Serial string
	// Address and MAC are of its one network interface.
	Address, MAC string

	role    role
	phase   float64 // of its readings, so that two pumps do not show the same
	now     func() time.Time
	journal journal

	mu      sync.Mutex
	booted  time.Time
	restart func() (time.Duration, error)
}

// NewMachine makes the machine of a thing: the same name and seed make the same machine. It has been up for some days
// already, by the clock that it is given.
func NewMachine(name string, seed uint64, now func() time.Time) *Machine {
	random := rand.New(rand.NewPCG(seed, nameSeed(name)))
	r := roleOf(name)
	m := &Machine{
		Name:    name,
		Model:   r.model,
		Serial:  fmt.Sprintf("%s%02d-%06d", r.serial, 19+random.IntN(6), random.IntN(1_000_000)),
		Address: fmt.Sprintf("10.20.%d.%d", random.IntN(32), 2+random.IntN(250)),
		MAC:     fmt.Sprintf("02:1b:c5:%02x:%02x:%02x", random.IntN(256), random.IntN(256), random.IntN(256)),
		role:    r,
		phase:   random.Float64() * 6,
		now:     now,
	}
	m.booted = now().Add(-time.Duration(3*24*3600+random.IntN(60*24*3600)) * time.Second)
	m.boot(m.booted)
	return m
}

func nameSeed(name string) uint64 {
	sum := sha256.Sum256([]byte(name))
	return binary.BigEndian.Uint64(sum[:])
}

// OnReboot says what the reboot command does; restart returns how long the machine will be away.
func (m *Machine) OnReboot(restart func() (time.Duration, error)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.restart = restart
}

func (m *Machine) reboot() (time.Duration, error) {
	m.mu.Lock()
	restart := m.restart
	m.mu.Unlock()
	if restart == nil {
		return 0, errNoReboot
	}
	return restart()
}

// Boot starts the machine anew: its uptime begins now.
func (m *Machine) Boot() {
	now := m.now()
	m.mu.Lock()
	m.booted = now
	m.mu.Unlock()
	m.boot(now)
}

// boot writes what the services say at a start.
func (m *Machine) boot(at time.Time) {
	for _, s := range m.services() {
		m.journal.add(entry{at.Add(s.after), s.name, s.pid, "started " + s.about})
	}
}

// Log adds a line of a service, or of init, to the journal that journalctl prints.
func (m *Machine) Log(name, format string, args ...any) {
	pid := 1
	if s, ok := m.service(name); ok {
		pid = s.pid
	}
	m.journal.add(entry{m.now(), name, pid, fmt.Sprintf(format, args...)})
}

// Booted is when the machine was started last.
func (m *Machine) Booted() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.booted
}

// Uptime is the time since then.
func (m *Machine) Uptime() time.Duration { return m.now().Sub(m.Booted()).Truncate(time.Second) }

// Now is the machine's clock, in UTC.
func (m *Machine) Now() time.Time { return m.now().UTC() }

// Readings are what the machine measures as of now.
func (m *Machine) Readings() []Reading { return m.readings(m.now()) }
