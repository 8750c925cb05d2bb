package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"adit/emulator"
	"adit/emulator/fleet"
)

// ready is what a script needs to use an emulator, that of `adit emulate` or the demo's.
type ready struct {
	// API is an http:// URL; Data, MQTT and MQTTS are host:port; CA is the path of a PEM file.
	API   string `json:"api"`
	Data  string `json:"data"`
	MQTT  string `json:"mqtt"`
	MQTTS string `json:"mqtts"`
	CA    string `json:"ca"`
	// Region and Account are those of requests without a signature; AccessKey signs for the same account.
	Region    string `json:"region"`
	Account   string `json:"account"`
	AccessKey string `json:"access_key"`
	// AdminSecret opens the admin API at API + /_adit/.
	AdminSecret string `json:"admin_secret,omitempty"`
	// Things are the names of the fleet, those that can be reached first.
	Things []string `json:"things"`
}

func readyOf(service *emulator.Emulator, devices []fleet.Thing, region, account, accessKey string) ready {
	return ready{
		API: service.APIURL(), Data: service.DataAddr(), MQTT: service.MQTTAddr(), MQTTS: service.MQTTSAddr(), CA: service.CAFile(),
		Region: region, Account: account, AccessKey: accessKey, Things: thingNames(devices),
	}
}

// thingNames are a fleet's, reachable ones first.
func thingNames(things []fleet.Thing) []string {
	names := []string{}
	for _, offline := range []bool{false, true} {
		for _, thing := range things {
			if thing.Offline == offline {
				names = append(names, thing.Name)
			}
		}
	}
	return names
}

// line is what is published.
func (r ready) line() ([]byte, error) {
	line, err := json.Marshal(r)
	return append(line, '\n'), err
}

// publish writes one line: to standard output, or to a file whole, by rename, so that whoever waits for it never reads
// half of it.
func (r ready) publish(path string, stdout io.Writer) error {
	line, err := r.line()
	if err != nil {
		return err
	}
	if path == "" {
		if _, err := stdout.Write(line); err != nil {
			return fmt.Errorf("print where the emulator serves: %w", err)
		}
		return nil
	}
	// Another run may be about to write the same file.
	temporary, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return fmt.Errorf("write the ready file: %w", err)
	}
	_, err = temporary.Write(line)
	if err = errors.Join(err, temporary.Close()); err == nil {
		err = os.Rename(temporary.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("write the ready file: %w", errors.Join(err, os.Remove(temporary.Name())))
	}
	return nil
}

// withdraw removes what publish wrote, unless another run has written there since.
func (r ready) withdraw(path string) error {
	line, err := r.line()
	if err != nil {
		return err
	}
	if have, err := os.ReadFile(path); err != nil || !bytes.Equal(have, line) {
		return nil
	}
	return removeReady(path)
}

// prepareReady refuses a ready file that cannot be written, and removes that of a run before: it would say that something
// serves which does not.
func prepareReady(path string) error {
	if path == "" {
		return nil
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() { // an empty one could be removed
		return fmt.Errorf("the ready file %s is a directory", path)
	}
	if info, err := os.Stat(filepath.Dir(path)); err != nil || !info.IsDir() {
		return fmt.Errorf("the ready file %s cannot be written: there is no directory %s", path, filepath.Dir(path))
	}
	return removeReady(path)
}

// removeReady removes a ready file, if there is one.
func removeReady(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove the ready file: %w", err)
	}
	return nil
}

// environment are lines for a shell. adit and the AWS clients read the same variables; version 1 of the AWS CLI knows the
// region by its second name only.
func (r ready) environment() string {
	var lines strings.Builder
	for _, variable := range [][2]string{
		{"AWS_ENDPOINT_URL", r.API}, {"AWSIOT_TUNNEL_ENDPOINT", r.Data}, {"ADIT_CA", r.CA},
		{"AWS_REGION", r.Region}, {"AWS_DEFAULT_REGION", r.Region}, {"AWS_ACCESS_KEY_ID", r.AccessKey}, {"AWS_SECRET_ACCESS_KEY", "emulator"},
	} {
		fmt.Fprintf(&lines, "export %s='%s'\n", variable[0], strings.ReplaceAll(variable[1], "'", `'\''`))
	}
	return lines.String()
}

// profile is a section of the shared AWS configuration.
func (r ready) profile() string {
	return fmt.Sprintf(`[profile adit-emulator]
region = %s
endpoint_url = %s
aws_access_key_id = %s
aws_secret_access_key = emulator
`, r.Region, r.API, r.AccessKey)
}

func (r ready) guide() string {
	return "AWS IoT Secure Tunneling is served on this machine until Ctrl+C. For this shell, all of its programs:\n\n" +
		r.environment() +
		"\nOr a profile for ~/.aws/config (versions 2.0 to 2.12 of the AWS CLI need --endpoint-url " + r.API + " instead):\n\n" +
		r.profile() + "\n"
}
