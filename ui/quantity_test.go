package ui

import (
	"math"
	"testing"
	"time"
)

func TestAgeRoundsDown(t *testing.T) {
	const day = 24 * time.Hour
	for d, want := range map[time.Duration]string{
		-time.Second: "0s", 0: "0s", 999 * time.Millisecond: "0s", 8 * time.Second: "8s", 59999 * time.Millisecond: "59s",
		time.Minute: "1m", time.Hour - 1: "59m", 2*time.Hour + 59*time.Minute: "2h", day - 1: "23h", 3 * day: "3d",
		999 * day: "999d", 1000 * day: "2y", math.MaxInt64: "292y",
	} {
		if got := Age(d); got != want {
			t.Errorf("Age(%v) = %q, want %q", d, got, want)
		}
	}
}

func TestCountdownIsZeroOnlyWhenItIsOver(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-time.Second: "0:00", 0: "0:00", 1: "0:01", 42 * time.Second: "0:42", 59*time.Second + 1: "1:00", 12*time.Minute + 5*time.Second: "12:05",
		time.Hour: "1:00:00", 11*time.Hour + 2*time.Minute + 3*time.Second: "11:02:03",
	} {
		if got := Countdown(d); got != want {
			t.Errorf("Countdown(%v) = %q, want %q", d, got, want)
		}
	}
}

func TestBytesHaveTwoOrThreeDigits(t *testing.T) {
	for n, want := range map[uint64]string{
		0: "0 B", 7: "7 B", 999: "999 B", 1000: "1.0 kB", 1949: "1.9 kB", 9949: "9.9 kB", 9950: "10 kB", 84_000: "84 kB",
		999_499: "999 kB", 999_500: "1.0 MB", 4_194_304: "4.2 MB", 5_000_000_000: "5.0 GB", math.MaxUint64: "18 EB",
	} {
		if got := Bytes(n); got != want {
			t.Errorf("Bytes(%d) = %q, want %q", n, got, want)
		}
	}
}

func TestRateIsNeverNegativeOrUndefined(t *testing.T) {
	for _, c := range []struct {
		n    float64
		want string
	}{
		{84e3, "84 kB/s"}, {0.4, "0 B/s"}, {-3, "0 B/s"}, {math.NaN(), "0 B/s"}, {math.Inf(-1), "0 B/s"}, {math.Inf(1), "999 EB/s"},
	} {
		if got := Rate(c.n); got != c.want {
			t.Errorf("Rate(%v) = %q, want %q", c.n, got, c.want)
		}
	}
}

func TestBarIsEmptyOnlyAtNothingAndFullOnlyAtAll(t *testing.T) {
	th := NewTheme(Look{ASCII: true})
	for _, c := range []struct {
		fraction float64
		want     string
	}{
		{-1, "....."}, {0, "....."}, {0.001, "#...."}, {0.5, "###.."}, {0.6, "###.."}, {0.999, "####."}, {1, "#####"}, {7, "#####"}, {math.NaN(), "....."},
	} {
		if got := th.Bar(c.fraction, 5); got != c.want {
			t.Errorf("Bar(%v) = %q, want %q", c.fraction, got, c.want)
		}
	}
}

func TestSparklineShowsTheNewestValuesAtTheRight(t *testing.T) {
	th := NewTheme(Look{ASCII: true})
	for _, c := range []struct {
		values []float64
		want   string
	}{
		{nil, "    "}, {[]float64{1}, "   #"}, {[]float64{0, 0}, "  __"}, {[]float64{9, 0, 1, 3, 6}, "_.=#"},
		{[]float64{math.NaN(), 1, -1, math.Inf(1)}, "_#_#"},
	} {
		if got := th.Sparkline(c.values, 4); got != c.want {
			t.Errorf("Sparkline(%v) = %q, want %q", c.values, got, c.want)
		}
	}
}
