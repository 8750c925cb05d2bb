package fleet

// Demo is the fleet of the demo: a dozen things, one each offline, slow, old and refusing, two with capitals and odd
// characters in the name.
func Demo() []Thing {
	return []Thing{
		{Name: "pump-07"},
		{Name: "pump-12"},
		{Name: "pump-19", Offline: true},
		{Name: "gate-03"},
		{Name: "gate-05", OldProtocol: true},
		{Name: "cam-02", Slow: true},
		{Name: "cam-11"},
		{Name: "valve-09", Refuses: true},
		{Name: "meter-21"},
		{Name: "edge-router-1"},
		{Name: "Tank-A:4"},
		{Name: "Boiler_B-2"},
	}
}
