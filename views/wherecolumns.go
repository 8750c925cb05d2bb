package views

import (
	"cmp"

	"adit/client"
	"adit/ui"
)

// whereColumns are the profile and the region of rows, each where contexts differ in it.
func whereColumns[R any](contexts []client.Context, of func(R) client.Context) []ui.Column[R] {
	profile := func(r R) string { return client.Clean(cmp.Or(of(r).Profile, of(r).Account)) }
	region := func(r R) string { return client.Clean(of(r).Region) }
	var columns []ui.Column[R]
	profiles, regions := several(contexts)
	if profiles {
		columns = append(columns, ui.Column[R]{ID: "profile", Title: "PROFILE", Min: 8, Max: 14, Cell: func(r R) ui.Cell {
			if of(r).Production {
				return text(ui.Bad, profile(r))
			}
			return text(ui.Plain, profile(r))
		}, Less: func(a, b R) bool { return profile(a) < profile(b) }})
	}
	if regions {
		columns = append(columns, ui.Column[R]{ID: "region", Title: "REGION", Min: 9, Max: 14,
			Cell: func(r R) ui.Cell { return text(ui.Plain, region(r)) }, Less: func(a, b R) bool { return region(a) < region(b) }})
	}
	return columns
}
