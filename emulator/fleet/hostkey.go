package fleet

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"strings"

	"golang.org/x/crypto/ssh"
)

// hostKey derives a thing's host key from the seed, so that a known_hosts file outlives the fleet. Whoever knows the
// seed knows the key: it is for simulated devices on loopback only.
func hostKey(seed uint64, thing string) (ssh.Signer, error) {
	material := binary.BigEndian.AppendUint64([]byte("adit simulated host key\x00"), seed)
	sum := sha256.Sum256(append(material, thing...))
	signer, err := ssh.NewSignerFromKey(ed25519.NewKeyFromSeed(sum[:]))
	if err != nil {
		return nil, fmt.Errorf("make a host key: %w", err)
	}
	return signer, nil
}

// publicLine is a key as known_hosts has it, without the host.
func publicLine(key ssh.Signer) string {
	return strings.TrimSpace(string(ssh.MarshalAuthorizedKey(key.PublicKey())))
}
