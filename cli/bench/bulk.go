package main

import "context"

// hauled is what the transfers in one direction have shown, one sample a round.
type hauled struct {
	adit, ssh, chain              []float64 // MiB/s
	source, copying               []float64 // seconds of CPU a GiB
	sourceShare, destinationShare []float64
	emulatorShare                 []float64 // of the chain's CPU
}

// measureBulk moves one stream through adit, ssh -L and bare TLS copies in turn, and counts the CPU on the way.
func measureBulk(ctx context.Context, l *lab) ([]figure, error) {
	t, err := l.tunnel(ctx)
	if err != nil {
		return nil, err
	}
	defer t.stop()
	var figures []figure
	for _, way := range []struct {
		direction byte
		name      string
	}{{up, "up"}, {down, "down"}} {
		var h hauled
		for range l.rounds {
			if err := h.round(ctx, l, t, way.direction); err != nil {
				return nil, err
			}
		}
		figures = append(figures,
			figure{
				Judged: series{"one stream " + way.name + ", of ssh -L", "", eachOver(h.adit, h.ssh)}, Target: atLeast(0.8),
				Beside: []series{{"adit", "MiB/s", h.adit}, {"ssh -L", "MiB/s", h.ssh}, {"TLS copies", "MiB/s", h.chain}},
			},
			figure{
				Judged: series{"CPU of the source, " + way.name, "s/GiB", h.source}, Target: atMost(1.6),
				Beside: []series{{"bare TLS copy", "s/GiB", h.copying}},
			},
			figure{
				Judged: series{"the emulator's share of the chain's CPU, " + way.name, "%", h.emulatorShare}, Target: atMost(40),
				Beside: []series{{"source", "%", h.sourceShare}, {"destination", "%", h.destinationShare}},
			})
	}
	peak, err := t.source.resident("VmHWM")
	if err != nil {
		return nil, err
	}
	return append(figures, figure{Judged: series{"memory of the source under bulk, at its most", "MiB", []float64{peak}}, Target: atMost(64)}), nil
}

// round is one transfer over each path.
func (h *hauled) round(ctx context.Context, l *lab, t *tunnel, direction byte) error {
	gib := float64(l.size) / (1 << 30)
	processes := []*process{t.source, t.emulator, t.destination, l.chain.near}
	before, err := cpuOf(processes)
	if err != nil {
		return err
	}
	for _, peer := range []struct {
		path
		speeds *[]float64
	}{{t.path, &h.adit}, {l.ssh.path, &h.ssh}, {l.chain.path, &h.chain}} {
		speed, err := move(ctx, peer.path, direction, l.size)
		if err != nil {
			return err
		}
		*peer.speeds = append(*peer.speeds, speed)
	}
	after, err := cpuOf(processes)
	if err != nil {
		return err
	}
	used := eachMinus(after, before)
	h.source = append(h.source, used[0]/gib)
	h.copying = append(h.copying, used[3]/gib)
	whole := (used[0] + used[1] + used[2]) / 100
	h.sourceShare = append(h.sourceShare, used[0]/whole)
	h.emulatorShare = append(h.emulatorShare, used[1]/whole)
	h.destinationShare = append(h.destinationShare, used[2]/whole)
	return nil
}

// cpuOf is the processor time of each process so far, in seconds.
func cpuOf(processes []*process) ([]float64, error) {
	times := make([]float64, len(processes))
	for i, p := range processes {
		var err error
		if times[i], err = p.cpu(); err != nil {
			return nil, err
		}
	}
	return times, nil
}
