package client

import (
	"time"
)

// How old what DescribeTunnel told may become before it is asked again.
const (
	watchedAge  = time.Second
	selectedAge = 2 * time.Second
	visibleAge  = 8 * time.Second
	hiddenAge   = time.Minute
	// hotFor is how long a tunnel counts as watched after something was done to it.
	hotFor = 30 * time.Second
	// blurFactor is how much slower all but the watched is while the terminal is not looked at.
	blurFactor = 5
	// elsewhereFactor is how much slower what the screen does not show is listed.
	elsewhereFactor = 12
	// selectedShare is how many calls there are for each one of the selected row at most: where the budget is small, the rows
	// around it must not go without.
	selectedShare = 7
	// spareEvery is which call is for what is out of sight, though something in sight is due: it would never be looked at
	// otherwise while the rows on the screen take all there is.
	spareEvery = 20
	// soughtEvery is which call is for what a filter or an order waits for, though something in sight is due.
	soughtEvery = 4
	// firstRetry doubles with each failure of a row, up to 16 times.
	firstRetry   = 5 * time.Second
	mostDoubling = 4
)

// rank orders what is due: the lower goes first.
type rank uint8

const (
	// rankSpare is for what is out of sight when it has its turn, what is sought before the rest.
	rankSpareSought rank = iota
	rankSpare
	rankAsked
	rankWatched
	rankSelected
	rankVisible
	// rankSought is for what a filter or an order of the rows waits for.
	rankSought
	rankHidden
	// rankClosed is for closed tunnels out of sight: they cannot change, and are described once only.
	rankClosed
)

// turn is a call that may be made: when, and out of how many a second.
type turn struct {
	now   time.Time
	rate  float64
	spare bool
	// sought: it is for what a filter or an order waits for, if there is any.
	sought bool
}

// schedule decides which tunnel is described next: the earliest deadline of the most urgent rank. It knows no clock and
// calls nothing.
type schedule struct {
	watched, visible map[Key]bool
	selected         Key
	// places that the screen shows, empty for all.
	places  map[Key]bool
	blurred bool
	sought  map[Key]bool
}

func newSchedule(a Attention) schedule {
	return schedule{watched: setOf(a.Watched), visible: setOf(a.Visible), places: setOf(a.Places), selected: a.Selected, blurred: a.Blurred, sought: a.Sought}
}

func setOf(keys []Key) map[Key]bool {
	set := make(map[Key]bool, len(keys))
	for _, key := range keys {
		set[key] = true
	}
	return set
}

// elsewhere tells whether a place is one that the screen does not show.
func (s schedule) elsewhere(place Key) bool { return len(s.places) > 0 && !s.places[place] }

// rank is how urgent a record is, and age how old it may become.
func (s schedule) rank(r *record, t turn) (rank, time.Duration) {
	slow := time.Duration(1)
	if s.blurred {
		slow = blurFactor
	}
	switch {
	case r.asked:
		return rankAsked, 0
	case !r.hot.IsZero() && t.now.Sub(r.hot) < hotFor:
		return rankWatched, watchedAge
	case s.watched[r.Key] && r.held:
		// Its local proxy tells the rest for nothing.
		return rankWatched, visibleAge
	case s.watched[r.Key]:
		return rankWatched, watchedAge
	case s.selected == r.Key:
		return rankSelected, max(selectedAge*slow, time.Duration(selectedShare/t.rate*float64(time.Second)))
	case s.visible[r.Key]:
		return rankVisible, visibleAge * slow
	case s.sought[r.Key] && !r.Described && (t.spare || t.sought):
		return rankSpareSought, hiddenAge * slow
	case s.sought[r.Key] && !r.Described:
		return rankSought, hiddenAge * slow
	case t.spare:
		return rankSpare, hiddenAge * slow
	case r.Open():
		return rankHidden, hiddenAge * slow
	default:
		return rankClosed, hiddenAge * slow
	}
}

// due is when a record wants to be described; false for never.
func (s schedule) due(r *record, t turn) (rank, time.Time, bool) {
	if r.describing || r.final && !r.asked {
		return 0, time.Time{}, false
	}
	rank, age := s.rank(r, t)
	if (r.hidden || s.elsewhere(r.Key.Place())) && rank != rankAsked && rank != rankWatched {
		return rank, time.Time{}, false
	}
	var at time.Time
	if !r.DescribedAt.IsZero() && !r.moved && !r.asked {
		at = r.DescribedAt.Add(age)
	}
	if r.retry.After(at) {
		at = r.retry
	}
	return rank, at, true
}

// next is the record to describe now, the most urgent of those that are due, and of these the longest overdue. Where
// none is due it tells when the first will be, zero for none at all.
func (s schedule) next(records []*record, here Key, t turn) (chosen *record, wake time.Time) {
	var chosenRank rank
	var chosenAt time.Time
	for _, r := range records {
		if r.Key.Place() != here {
			continue
		}
		rank, at, ok := s.due(r, t)
		switch {
		case !ok:
		case at.After(t.now):
			if wake.IsZero() || at.Before(wake) {
				wake = at
			}
		case chosen == nil || rank < chosenRank || rank == chosenRank && at.Before(chosenAt):
			chosen, chosenRank, chosenAt = r, rank, at
		}
	}
	return chosen, wake
}
