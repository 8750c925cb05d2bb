package views

import (
	"time"

	"adit/client"
	"adit/session"
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

// rates are those of each service of each proxy, of each of its connections, and of each proxy as a whole.
type rates struct {
	services    map[proxyKey]*rate
	connections map[connectionKey]*rate
	whole       map[client.Key]*rate
}

// connectionKey names one connection of a local proxy.
type connectionKey struct {
	tunnel client.Key
	id     uint64
}

func newRates() rates {
	return rates{map[proxyKey]*rate{}, map[connectionKey]*rate{}, map[client.Key]*rate{}}
}

// kept is the rate that was sampled before, or a new one.
func kept[K comparable](all map[K]*rate, key K) *rate {
	if r, ok := all[key]; ok {
		return r
	}
	return &rate{}
}

// of is the rate of one service, total that of the proxy of a tunnel; empty where there is none.
func (r rates) of(key proxyKey) *rate      { return kept(r.services, key) }
func (r rates) total(key client.Key) *rate { return kept(r.whole, key) }

// sample takes the counters of the running proxies and forgets those that are gone.
func (r *rates) sample(proxies []session.Proxy, now time.Time) {
	next := newRates()
	for _, p := range proxies {
		var sent, received uint64
		for _, s := range p.Services {
			key := proxyKey{p.Tunnel, s.Service}
			next.services[key] = r.of(key)
			next.services[key].add(s.Sent, s.Received, now)
			for _, c := range s.Connections {
				key := connectionKey{p.Tunnel, c.ID}
				next.connections[key] = kept(r.connections, key)
				next.connections[key].add(c.Sent, c.Received, now)
			}
			sent += s.Sent
			received += s.Received
		}
		next.whole[p.Tunnel] = r.total(p.Tunnel)
		next.whole[p.Tunnel].add(sent, received, now)
	}
	*r = next
}

// sample brings what is not pushed up to date: proxies, their states and their rates.
func (a *app) sample() {
	if a.connection.backend == nil {
		return
	}
	proxies := a.sessions.Proxies()
	a.tellStopped(proxies)
	a.proxies.rates.sample(proxies, a.scene.now)
	// Rows without a local proxy change with the watcher's snapshots alone.
	if len(proxies) > 0 || a.proxies.table.Len() > 0 {
		a.refill()
	}
}
