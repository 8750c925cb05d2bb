package emulator

import (
	"log/slog"
	"time"

	"adit/emulator/api"
	"adit/emulator/choices"
)

// Config of an emulator. The zero value serves on free loopback ports.
type Config struct {
	// API, Data, MQTT and MQTTS are listen addresses, "127.0.0.1:0" by default. Data and MQTTS speak TLS.
	API, Data, MQTT, MQTTS string
	// Certificate and Key are PEM files for TLS, CA is a PEM file of the authority that clients trust for it [the last of
	// the certificate's chain]. Without them a certificate for loopback and its authority are made. A certificate that is
	// not good for the hosts of Data and MQTTS is an error.
	Certificate, Key, CA string
	// Region is assumed for a request without one in its credential scope [us-east-1]; Account for one without an access
	// key [000000000000].
	Region, Account string
	// Things are names that the thing registry of every account and region begins with.
	Things []string
	// Faults are what goes wrong on demand, each of the form
	// OPERATION=FAULT[,rate=0.5][,times=3][,per-second=2][,delay=1s][,bytes=1000][,tag=KEY] that docs/emulator.md describes. Seed decides on which requests a rate below 1 falls.
	Faults []string
	Seed   uint64
	// AdminSecret guards the admin API, which changes faults and cuts connections; "" is no admin API.
	AdminSecret string
	// Choices are what is done where AWS's behaviour is unknown, each of the form NAME=VALUE, or several of them, one a line:
	// docs/emulator.md has the table.
	Choices []string
	// Dir takes the certificate authority's ca.pem (0644; it is not secret); "" writes none.
	Dir string
	// Now is the clock of lifetimes and timestamps; After is its timer, which must not call f before it has returned. Both
	// default to package time. They are called with locks held: neither may call the emulator.
	Now   func() time.Time
	After func(d time.Duration, f func()) (stop func() bool)
	Log   *slog.Logger
}

const anyPort = "127.0.0.1:0"

func (c Config) withDefaults() Config {
	for _, address := range []*string{&c.API, &c.Data, &c.MQTT, &c.MQTTS} {
		if *address == "" {
			*address = anyPort
		}
	}
	if c.Region == "" {
		c.Region = "us-east-1"
	}
	if c.Account == "" {
		c.Account = "000000000000"
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.After == nil {
		c.After = func(d time.Duration, f func()) func() bool { return time.AfterFunc(d, f).Stop }
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return c
}

// AccountOf is the account that the API derives from an access key id: twelve digits are the account, anything else gives
// the same account each time.
func AccountOf(accessKeyID string) string { return api.AccountOf(accessKeyID) }

// ListChoices prints every choice with its default, as Config.Choices has them.
func ListChoices() string { return choices.List() }
