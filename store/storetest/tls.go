package storetest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// ListenWithTLS restarts the server so that it is there over the network too, as
// localhost, with TLS and passwords alone. It returns the file with the certificate
// that vouches for it.
func (s *Server) ListenWithTLS(t testing.TB, port int) (authority string) {
	t.Helper()
	cert, key := filepath.Join(s.Dir, "server.crt"), filepath.Join(s.Dir, "server.key")
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	_ = s.admin.Close()
	if err := writeCertificate(cert, key); err != nil {
		t.Fatal(err)
	}
	if s.as != nil { // PostgreSQL reads no key that another user has
		if err := os.Chown(key, int(s.as.Credential.Uid), int(s.as.Credential.Gid)); err != nil {
			t.Fatal(err)
		}
	}
	s.port = port
	if err := s.connect(); err != nil {
		t.Fatal(err)
	}
	rules := "local all all trust\nhostssl all all 127.0.0.1/32 scram-sha-256\nhostssl all all ::1/128 scram-sha-256\n"
	if err := os.WriteFile(filepath.Join(s.data(), "pg_hba.conf"), []byte(rules), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := s.Start("listen_addresses=localhost", "ssl=on", "ssl_cert_file="+cert, "ssl_key_file="+key); err != nil {
		t.Fatal(err)
	}
	return cert
}

// writeCertificate makes a certificate for localhost that is its own authority.
func writeCertificate(cert, key string) error {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	c := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), DNSNames: []string{"localhost"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
	}
	public, err := x509.CreateCertificate(rand.Reader, c, c, &private.PublicKey, private)
	if err != nil {
		return err
	}
	secret, err := x509.MarshalECPrivateKey(private)
	if err != nil {
		return err
	}
	if err := os.WriteFile(cert, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: public}), 0o644); err != nil {
		return err
	}
	return os.WriteFile(key, pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: secret}), 0o600)
}
