package api

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"net/http"
	"strings"

	"adit/emulator/tunnels"
	"adit/pattern"
)

var accountID = pattern.Of(`^[0-9]{12}$`)

// AccountOf derives an account from an access key id, as there is nobody who could be asked whose key it is: twelve digits
// are the account itself, anything else gives the same account each time. "" gives "".
func AccountOf(accessKeyID string) string {
	if accessKeyID == "" || accountID.MatchString(accessKeyID) {
		return accessKeyID
	}
	sum := sha256.Sum256([]byte(accessKeyID))
	return fmt.Sprintf("%012d", binary.BigEndian.Uint64(sum[:])%1_000_000_000_000)
}

// scopeOf reads account and region from the credential scope of a signature, which is not verified:
//
//	Authorization: AWS4-HMAC-SHA256 Credential=<access key id>/<date>/<region>/<service>/aws4_request, …
//
// What is missing or no region is the fallback's: there may be no signature, and SDKs sign with an empty region when they
// have none.
func scopeOf(r *http.Request, fallback tunnels.Scope) tunnels.Scope {
	_, credential, found := strings.Cut(r.Header.Get("Authorization"), "Credential=")
	if !found {
		return fallback
	}
	credential, _, _ = strings.Cut(credential, ",")
	part := strings.Split(strings.TrimSpace(credential), "/")
	scope := fallback
	if account := AccountOf(part[0]); account != "" {
		scope.Account = account
	}
	if len(part) > 2 && IsRegion(part[2]) {
		scope.Region = part[2]
	}
	return scope
}

// IsRegion tells whether a text can be the name of a region: it goes into resource names and the log.
func IsRegion(text string) bool {
	word := wordOr("-")
	return text != "" && len(text) <= 64 && !strings.ContainsFunc(text, func(r rune) bool { return !word(r) })
}
