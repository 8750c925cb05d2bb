package main

import (
	"math"
	"slices"
	"time"
)

// percentile is the smallest sample that the given share of all, from 0 to 1, does not exceed; NaN without samples.
func percentile(samples []float64, share float64) float64 {
	if len(samples) == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(samples))
	rank := int(math.Ceil(share*float64(len(sorted)))) - 1
	return sorted[min(max(rank, 0), len(sorted)-1)]
}

// median is the middle sample, or the mean of the two; NaN without samples.
func median(samples []float64) float64 {
	if len(samples) == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(samples))
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return (sorted[middle-1] + sorted[middle]) / 2
}

// jain is Jain's index of fairness: 1 when all shares are alike, 1/n when one of n has everything; NaN without shares.
func jain(shares []float64) float64 {
	var sum, squares float64
	for _, share := range shares {
		sum += share
		squares += share * share
	}
	if squares == 0 {
		return math.NaN()
	}
	return sum * sum / (float64(len(shares)) * squares)
}

// eachOver divides sample by sample, which have to be as many.
func eachOver(a, b []float64) []float64 {
	return pairwise(a, b, func(x, y float64) float64 { return x / y })
}

// eachMinus subtracts sample by sample, which have to be as many.
func eachMinus(a, b []float64) []float64 {
	return pairwise(a, b, func(x, y float64) float64 { return x - y })
}

func pairwise(a, b []float64, of func(x, y float64) float64) []float64 {
	results := make([]float64, len(a))
	for i := range a {
		results[i] = of(a[i], b[i])
	}
	return results
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
