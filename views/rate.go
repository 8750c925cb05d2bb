package views

import (
	"time"

	"adit/client"
)

// rateHistory is how many samples a sparkline can show.
const rateHistory = 24

// rate is the traffic of a local proxy, sampled on the screen's clock.
type rate struct {
	at                 time.Time
	lastSent, lastRecv uint64
	sent, received     []float64 // bytes a second, the newest last
}

func (r *rate) up() float64   { return last(r.sent) }
func (r *rate) down() float64 { return last(r.received) }

func last(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	return values[len(values)-1]
}

// add takes a sample; one that comes too soon after the last would only be noise.
func (r *rate) add(sent, received uint64, now time.Time) {
	passed := now.Sub(r.at)
	if !r.at.IsZero() && passed < 900*time.Millisecond {
		return
	}
	if !r.at.IsZero() {
		r.sent = keep(r.sent, growth(r.lastSent, sent)/passed.Seconds())
		r.received = keep(r.received, growth(r.lastRecv, received)/passed.Seconds())
	}
	r.at, r.lastSent, r.lastRecv = now, sent, received
}

// growth is what a counter gained; one that was started anew gained what it shows.
func growth(before, after uint64) float64 {
	if after < before {
		return float64(after)
	}
	return float64(after - before)
}

func keep(values []float64, v float64) []float64 {
	values = append(values, v)
	return values[max(len(values)-rateHistory, 0):]
}

// rate of a tunnel's proxy; an empty one where there is none.
func (v *proxiesView) rate(key client.Key) *rate {
	if r, ok := v.rates[key]; ok {
		return r
	}
	return &rate{}
}

// sample brings what is not pushed up to date: proxies, their states and their rates.
func (a *app) sample() {
	if a.connection.backend == nil {
		return
	}
	seen := map[client.Key]*rate{}
	for _, p := range a.sessions.Proxies() {
		r := a.proxies.rate(p.Tunnel)
		var sent, received uint64
		for _, s := range p.Services {
			sent += s.Sent
			received += s.Received
		}
		r.add(sent, received, a.scene.now)
		seen[p.Tunnel] = r
	}
	a.proxies.rates = seen
	a.refill()
}
