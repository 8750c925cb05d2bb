package ui

import (
	"fmt"
	"math"
	"time"
)

// Age says how long something took or lasts in two to four cells: "8s", "4m", "2h", "3d". It rounds down, so that a
// tunnel never seems to last longer than it does.
func Age(d time.Duration) string {
	const day = 24 * time.Hour
	switch d = max(d, 0); {
	case d < time.Minute:
		return fmt.Sprintf("%ds", d/time.Second)
	case d < time.Hour:
		return fmt.Sprintf("%dm", d/time.Minute)
	case d < day:
		return fmt.Sprintf("%dh", d/time.Hour)
	case d < 1000*day:
		return fmt.Sprintf("%dd", d/day)
	}
	return fmt.Sprintf("%dy", d/(365*day))
}

// Countdown says a time that is watched second by second: "0:42", "12:05", "1:02:03". It rounds up, so that 0:00 means
// that it is over.
func Countdown(d time.Duration) string {
	s := (max(d, 0) + time.Second - 1) / time.Second
	if s < 3600 {
		return fmt.Sprintf("%d:%02d", s/60, s%60)
	}
	return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
}

// Bytes says "84 kB", in powers of a thousand.
func Bytes(n uint64) string { return amount(float64(n)) }

// Rate says "84 kB/s" of n bytes a second.
func Rate(n float64) string {
	if !(n > 0) { // also not a number
		n = 0
	}
	return amount(n) + "/s"
}

// amount gives a number of bytes two digits or three.
func amount(n float64) string {
	units := []string{"B", "kB", "MB", "GB", "TB", "PB", "EB"}
	unit := 0
	// What would be rounded up to 1000 of one unit is 1.0 of the next.
	for n >= 999.5 && unit < len(units)-1 {
		n /= 1000
		unit++
	}
	if unit > 0 && n < 9.95 {
		return fmt.Sprintf("%.1f %s", n, units[unit])
	}
	return fmt.Sprintf("%.0f %s", math.Min(n, 999), units[unit])
}
