package cli

import (
	"bytes"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// maxCertificates bounds what is read of a file of certificates, in bytes; the system's own bundles have 200 KiB.
const maxCertificates = 4 << 20

// addDirectory trusts every certificate in a directory, whatever its files are called: c_rehash's names, which the
// reference local proxy wants, are links to files that hold the same. Files that hold something else are passed over.
func addDirectory(pool *x509.CertPool, directory string) error {
	entries, err := os.ReadDir(directory)
	if err != nil {
		return fmt.Errorf("the directory of certificates %s cannot be read: %w", directory, cause(err))
	}
	found := false
	for _, entry := range entries {
		content, err := readCertificates(filepath.Join(directory, entry.Name()))
		if err != nil {
			return fmt.Errorf("the certificate file %s cannot be read: %w", filepath.Join(directory, entry.Name()), cause(err))
		}
		if bytes.Contains(content, []byte("-----BEGIN CERTIFICATE-----")) && pool.AppendCertsFromPEM(content) {
			found = true
		}
	}
	if !found {
		return fmt.Errorf("the directory %s holds no certificate in PEM form (-----BEGIN CERTIFICATE-----)", directory)
	}
	return nil
}

// readCertificates reads a regular file, or one that a link leads to; nil for anything else, a link to nowhere included.
func readCertificates(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, nil
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(io.LimitReader(file, maxCertificates))
}
