package world

import (
	"math"
	"strings"
	"time"
)

// role is a kind of device: what is on its label, what it runs and what it measures.
type role struct {
	prefix, model, serial string
	daemon, about         string
	senses                []sense
}

// sense is a quantity that swings around a middle.
type sense struct {
	name, unit   string
	middle, span float64
	period       time.Duration
}

// roles by the beginning of the thing's name, without regard to capitals. The last fits all.
func roles() []role {
	return []role{
		{"pump", "Aquaflow P7 pump controller", "AQ", "pumpd", "the pump control loop", []sense{
			{"flow", "l/min", 184, 22, 7 * time.Minute},
			{"pressure", "bar", 4.2, 0.4, 3 * time.Minute},
			{"motor temperature", "°C", 61, 6, 40 * time.Minute},
		}},
		{"gate", "Portal G3 gate controller", "PG", "gated", "the gate control loop", []sense{
			{"opening", "%", 50, 50, 11 * time.Minute},
			{"motor current", "A", 1.9, 1.4, 2 * time.Minute},
		}},
		{"cam", "Argus C11 camera", "AR", "camd", "the video encoder", []sense{
			{"frame rate", "1/s", 24.5, 0.5, time.Minute},
			{"bit rate", "kbit/s", 3800, 700, 5 * time.Minute},
			{"sensor temperature", "°C", 47, 4, time.Hour},
		}},
		{"tank", "Levelite T2 tank gauge", "LV", "tankd", "the level gauge", []sense{
			{"level", "%", 64, 18, 6 * time.Hour},
			{"temperature", "°C", 18, 3, 24 * time.Hour},
		}},
		{"boiler", "Thermos B2 boiler controller", "TH", "boilerd", "the burner control loop", []sense{
			{"flow temperature", "°C", 71, 5, 20 * time.Minute},
			{"pressure", "bar", 1.6, 0.1, time.Hour},
		}},
		{"valve", "Aquaflow V9 valve drive", "AQ", "valved", "the valve drive", []sense{
			{"position", "%", 40, 35, 15 * time.Minute},
		}},
		{"meter", "Wattson M4 energy meter", "WM", "meterd", "the meter reader", []sense{
			{"power", "kW", 12.4, 7.1, 30 * time.Minute},
			{"voltage", "V", 231, 3, 4 * time.Minute},
		}},
		{"", "Edgeworks E1 gateway", "EW", "edged", "the edge gateway", []sense{
			{"board temperature", "°C", 44, 5, 30 * time.Minute},
		}},
	}
}

func roleOf(name string) role {
	for _, r := range roles() {
		if strings.HasPrefix(strings.ToLower(name), r.prefix) {
			return r
		}
	}
	return role{}
}

// Reading is one measured value.
type Reading struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
	Unit  string  `json:"unit"`
}

// readings at a moment: the same moment gives the same values, so logs and pages agree.
func (m *Machine) readings(at time.Time) []Reading {
	var readings []Reading
	for i, s := range m.role.senses {
		turn := 2 * math.Pi * float64(at.UnixMilli()%s.period.Milliseconds()) / float64(s.period.Milliseconds())
		value := s.middle + s.span*math.Sin(turn+m.phase+float64(i))
		readings = append(readings, Reading{s.name, math.Round(value*100) / 100, s.unit})
	}
	return readings
}
