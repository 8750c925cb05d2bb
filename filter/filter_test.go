package filter_test

import (
	"errors"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"go.uber.org/goleak"

	"adit/client"
	"adit/filter"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var now = time.Date(2026, 11, 3, 10, 41, 0, 0, time.UTC)

// rows to look at: one that is known through and through, one that is only listed, one closed, one of which an earlier run
// learnt what never changes.
func rows() map[string]*filter.Subject {
	on := client.Side{Known: true, Connected: true, Since: now.Add(-time.Hour)}
	never := client.Side{Known: true}
	known := &client.Row{Tunnel: client.Tunnel{
		Key: client.Key{ID: "8f2c9a14"}, Context: client.Context{Region: "eu-west-1", Profile: "prod"}, Status: client.StatusOpen,
		Description: "INC-4411 Pump stalls", CreatedAt: now.Add(-35 * time.Minute), Described: true, Thing: "pump-07", Services: []client.Text{"SSH", "HTTP"},
		Lifetime: time.Hour, Source: never, Destination: on, Tags: []client.Tag{{Key: "team", Value: "ops night"}, {Key: "Wide", Value: "世界"}},
	}}
	listed := &client.Row{Tunnel: client.Tunnel{
		Key: client.Key{ID: "1b2c"}, Context: client.Context{Region: "us-east-1"}, Status: client.StatusOpen, Description: "drill", CreatedAt: now.Add(-3 * time.Hour),
	}}
	closed, recalled := *known, *listed
	closed.Key.ID, closed.Status, closed.Thing = "4f2c", client.StatusClosed, "cam-11"
	recalled.Key.ID, recalled.Thing, recalled.Services, recalled.Lifetime = "5a5a", "gate-03", []client.Text{"SSH"}, 12*time.Hour
	return map[string]*filter.Subject{
		"known":    {Row: known, Mine: true, Owner: "alice@bastion3", Now: now},
		"listed":   {Row: listed, Now: now},
		"closed":   {Row: &closed, Now: now},
		"recalled": {Row: &recalled, Now: now, Held: true, Mine: true},
	}
}

func TestFilterFindsWhatItSays(t *testing.T) {
	for text, want := range map[string]string{
		// yes in capitals, maybe in brackets
		"":                                "CLOSED KNOWN LISTED RECALLED",
		"pump":                            "CLOSED KNOWN (listed) (recalled)",
		"PUMP-07":                         "KNOWN (listed) (recalled)",
		"!pump":                           "(listed) (recalled)",
		"drill":                           "LISTED RECALLED",
		`"inc-4411 pump"`:                 "CLOSED KNOWN (listed) (recalled)",
		`"mine"`:                          "(listed) (recalled)",
		"世":                               "CLOSED KNOWN (listed) (recalled)",
		"thing:PUMP":                      "KNOWN (listed)",
		"thing:gate,pump":                 "KNOWN (listed) RECALLED",
		"!thing:gate":                     "CLOSED KNOWN (listed)",
		"service:http":                    "CLOSED KNOWN (listed)",
		"status:open":                     "KNOWN LISTED RECALLED",
		"status:c":                        "CLOSED",
		"source:none":                     "KNOWN (listed)",
		"source:you":                      "(listed) RECALLED",
		"source:connected":                "(listed) RECALLED",
		"device:connected":                "KNOWN (listed) (recalled)",
		"device:never,closed":             "CLOSED (listed) (recalled)",
		"!device:connected":               "CLOSED (listed) (recalled)",
		"owner:alice":                     "KNOWN (listed) (recalled)",
		"tag:team":                        "CLOSED KNOWN (listed) (recalled)",
		"tag:team=night":                  "CLOSED KNOWN (listed) (recalled)",
		`tag:"team=ops n"`:                "CLOSED KNOWN (listed) (recalled)",
		"tag:wide=世":                      "CLOSED KNOWN (listed) (recalled)",
		"tag:team=dev":                    "(listed) (recalled)",
		"left<30m":                        "KNOWN (listed)",
		"left>=25m left<=25m":             "KNOWN (listed)",
		"left>30m":                        "(listed) RECALLED",
		"age>2h":                          "LISTED RECALLED",
		"age<1h":                          "CLOSED KNOWN",
		"age<3d":                          "CLOSED KNOWN LISTED RECALLED",
		"mine":                            "KNOWN RECALLED",
		"!mine status:open":               "LISTED",
		`/^pump-\d+$/`:                    "KNOWN (listed) (recalled)",
		"/PUMP stalls/":                   "CLOSED KNOWN (listed) (recalled)",
		"!/pump|drill/":                   "",
		"//":                              "CLOSED KNOWN LISTED RECALLED",
		`/a\/b/`:                          "(listed) (recalled)",
		"id:8F":                           "KNOWN",
		"region:eu":                       "CLOSED KNOWN",
		"profile:prod":                    "CLOSED KNOWN",
		"description:inc":                 "CLOSED KNOWN",
		"inc:4411":                        "(listed) (recalled)", // no field: text, as things may have colons
		"status:open device:never age<1h": "",
	} {
		f, err := filter.Parse(text)
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		var got []string
		for _, name := range []string{"closed", "known", "listed", "recalled"} {
			switch v, _ := f.Match(rows()[name]); v {
			case filter.Yes:
				got = append(got, strings.ToUpper(name))
			case filter.Maybe:
				got = append(got, "("+name+")")
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q finds %q, want %q", text, strings.Join(got, " "), want)
		}
	}
}

func TestOnlyRowsThatTheListDoesNotRuleOutAreSought(t *testing.T) {
	for text, want := range map[string]string{
		"status:open device:never": "known listed recalled", "device:never status:closed": "closed", "status:open": "", "age>2h left<30m": "listed recalled", "mine pump": "known recalled",
	} {
		f, err := filter.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, name := range []string{"closed", "known", "listed", "recalled"} {
			if _, sought := f.Match(rows()[name]); sought {
				got = append(got, name)
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q seeks %q, want %q", text, strings.Join(got, " "), want)
		}
	}
}

func TestWrongFiltersSayWhatIsMissing(t *testing.T) {
	for text, want := range map[string]string{
		"!":                "behind the !",
		"pump !":           "behind the !",
		`"pump`:            `close the quote with "`,
		"/pump":            "close the regular expression with /",
		"/(/":              "missing closing ): `(`",
		"device:":          "device: is one of connected, gone, never, closed",
		"device:lost":      "device: is one of",
		"status:open,,x":   "status: is one of open, closed",
		"thing:":           "say which thing",
		"devise:connected": "did you mean device:",
		"thign:x":          "did you mean thing:",
		"left<":            "left<30m",
		"left<soon":        "give a time",
		"age>-2h":          "give a time",
		"left:30m":         "write left<30m",
	} {
		_, err := filter.Parse(text)
		var wrong *filter.Error
		if !errors.As(err, &wrong) || !strings.Contains(wrong.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
	_, err := filter.Parse("pump device:lost")
	var wrong *filter.Error
	if !errors.As(err, &wrong) || wrong.At != 5 {
		t.Errorf("the mistake is said to begin at %v", wrong)
	}
	for text, right := range map[string]string{"pump  device:lost mine": "pump mine", `!test "pump`: "!test", "left<": ""} {
		if f, err := filter.Parse(text); err == nil || f.String() != right {
			t.Errorf("%q: what is right of it is %q, want %q", text, f, right)
		}
	}
}

func TestCompletionOffersFieldsAndTheirValues(t *testing.T) {
	values := func(field string) []string {
		return map[string][]string{"thing": {"pump-07", "pump-12", "gate-03", "the gate"}, "tag": {"team=ops"}}[field]
	}
	for text, want := range map[string]string{
		"d":                 "device: description:",
		"pump !de":          "pump !device: pump !description:",
		"device:":           "device:connected device:gone device:never device:closed",
		"device:never,g":    "device:never,gone",
		"thing:pump-1":      "thing:pump-12",
		"!thing:PUMP-1":     "!thing:pump-12",
		"thing:t":           `thing:"the gate"`,
		"tag:te":            "tag:team=ops",
		"l":                 "left<",
		"mine":              "",
		"device:never":      "",
		"/d":                "",
		`"d`:                "",
		"nothing:":          "",
		"status:open thing": "status:open thing:",
	} {
		if got := strings.Join(filter.Complete(text, values), " "); got != want {
			t.Errorf("%q goes on to %q, want %q", text, got, want)
		}
	}
	if all := filter.Complete("", values); len(all) != 14 {
		t.Errorf("an empty filter offers %q", all)
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"pump !test", `"two words" tag:"a b=c d"`, "device:never,gone left<30m age>=2h mine", `/^gate-\d+$/`, "!!x", "thing:", "left<999999999999d",
		"tag:=", "/(?P<x>a/", "status:o,c", "\u00a0x", "İ:ı", `"\"`, "age<1e9h", "!/x/y",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		parsed, err := filter.Parse(text)
		var wrong *filter.Error
		switch {
		case errors.As(err, &wrong):
			if wrong.At < 0 || wrong.At > len(text) || wrong.Why == "" {
				t.Errorf("%q: the mistake %+v", text, wrong)
			}
		case err != nil:
			t.Errorf("%q: an error of another kind: %v", text, err)
		case err == nil && parsed.String() != text:
			t.Errorf("%q became %q", text, parsed)
		}
		if again, err := filter.Parse(parsed.String()); err != nil || again.String() != parsed.String() {
			t.Errorf("%q: what is right of it, %q, is not: %v", text, parsed, err)
		}
		for _, row := range rows() {
			v, _ := parsed.Match(row)
			if again, _ := parsed.Match(row); again != v {
				t.Errorf("%q is %v and then %v", text, v, again)
			}
		}
		// What contradicts itself finds nothing.
		if both, err := filter.Parse(text + " !" + text); err == nil && !strings.ContainsAny(text, " \t\n\v\f\r!\"/\u0085\u00a0") && utf8.ValidString(text) && text != "" {
			for _, row := range rows() {
				if v, _ := both.Match(row); v == filter.Yes {
					t.Errorf("%q finds something", text+" !"+text)
				}
			}
		}
		filter.Complete(text, func(string) []string { return []string{text, "a b"} })
	})
}

func BenchmarkMatchTenThousandRows(b *testing.B) {
	f, err := filter.Parse("pump !test tag:team=ops left<30m")
	if err != nil {
		b.Fatal(err)
	}
	row := rows()["known"]
	for b.Loop() {
		for range 10_000 {
			f.Match(row)
		}
	}
}
