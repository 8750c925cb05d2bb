package filter

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// comparison parts "left<30m" into the field and what it is compared with.
func comparison(text string) (name, rest string, ok bool) {
	for _, name := range []string{"left", "age"} {
		if rest, found := strings.CutPrefix(text, name); found && rest != "" && (rest[0] == '<' || rest[0] == '>') {
			return name, rest, true
		}
	}
	return "", "", false
}

// timeTerm compares the time a tunnel has left, or its age.
func timeTerm(name, rest string) (term, string) {
	less := rest[0] == '<'
	rest, equal := strings.CutPrefix(rest[1:], "=")
	limit, err := duration(rest)
	if err != nil {
		return term{}, fmt.Sprintf("give a time, such as %s<30m, %s>2h or %s<1d", name, name, name)
	}
	compare := func(d time.Duration) Verdict {
		return verdict(less && d < limit || !less && d > limit || equal && d == limit)
	}
	if name == "age" {
		return term{holds: func(s *Subject) Verdict { return compare(s.Now.Sub(s.CreatedAt)) }}, ""
	}
	return term{described: true, holds: func(s *Subject) Verdict {
		switch ends := s.Ends(); {
		case !s.Open():
			return No // a closed tunnel has no time left that could be compared
		case ends.IsZero():
			return Maybe
		default:
			return compare(max(ends.Sub(s.Now), 0))
		}
	}}, ""
}

// duration reads 30m, 2h, 1h30m and also 3d.
func duration(text string) (time.Duration, error) {
	if days, ok := strings.CutSuffix(text, "d"); ok {
		n, err := strconv.ParseUint(days, 10, 16)
		return time.Duration(n) * 24 * time.Hour, err
	}
	d, err := time.ParseDuration(text)
	if err == nil && d < 0 {
		err = strconv.ErrRange
	}
	return d, err
}
