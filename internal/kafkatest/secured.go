package kafkatest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl/plain"
)

// A Secured is a broker with one port, Addr, that wants TLS, a client's certificate and SASL.
// Plain is a port that wants none of it: of the same broker, or of another where a fake has
// one only.
type Secured struct {
	*Kafka
	Fake           bool
	Addr, Plain    string
	User, Password string // by PLAIN, SCRAM-SHA-256 and SCRAM-SHA-512
	Files          Certificates
}

// Certificates are files in PEM: an authority, and a client's certificate that it signed,
// with its key.
type Certificates struct{ CA, Cert, Key string }

// EachSecured runs test with a fake and, if LTSVPIPE_REAL is 1, with a real broker.
func EachSecured(t *testing.T, test func(*testing.T, *Secured)) {
	t.Run("kfake", func(t *testing.T) { test(t, StartSecured(t)) })
	t.Run("Kafka", func(t *testing.T) {
		if !Real() {
			t.Skip("set LTSVPIPE_REAL=1 for a real broker")
		}
		test(t, startRealSecured(t))
	})
}

func newSecured(t testing.TB) (*Secured, *authority) {
	t.Helper()
	a := newAuthority(t)
	return &Secured{User: "alice", Password: "geheim-42", Files: a.client(t)}, a
}

// StartSecured starts a fake. More opts may say what others than its user may do.
func StartSecured(t testing.TB, opts ...kfake.Opt) *Secured {
	t.Helper()
	s, a := newSecured(t)
	s.Fake = true
	pair, err := tls.X509KeyPair(a.sign(t, "broker"))
	if err != nil {
		t.Fatal("kafkatest: ", err)
	}
	config := &tls.Config{Certificates: []tls.Certificate{pair}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: x509.NewCertPool()}
	config.ClientCAs.AddCert(a.cert)
	opts = append(opts, kfake.TLS(config), kfake.EnableSASL(),
		kfake.Superuser("PLAIN", s.User, s.Password),
		kfake.Superuser("SCRAM-SHA-256", s.User, s.Password),
		kfake.Superuser("SCRAM-SHA-512", s.User, s.Password))
	s.Kafka = Start(t, opts...).Kafka
	s.Addr, s.Plain = s.Seeds()[0], Start(t).Seeds()[0]
	pair, err = tls.LoadX509KeyPair(s.Files.Cert, s.Files.Key)
	if err != nil {
		t.Fatal("kafkatest: ", err)
	}
	s.more = []kgo.Opt{
		kgo.DialTLSConfig(&tls.Config{Certificates: []tls.Certificate{pair}, RootCAs: config.ClientCAs}),
		kgo.SASL(plain.Auth{User: s.User, Pass: s.Password}.AsMechanism()),
		kgo.AlwaysRetryEOF(),
	}
	return s
}

func startRealSecured(t testing.TB) *Secured {
	t.Helper()
	s, a := newSecured(t)
	cert, key := a.sign(t, "broker")
	pair := filepath.Join(t.TempDir(), "broker.pem")
	write(t, pair, append(key, cert...))
	r, err := newReal(1, func(n *node, port int) {
		s.Addr = fmt.Sprintf("127.0.0.1:%d", port)
		s.Plain = n.addr()
		n.listeners = ",SECURED://" + s.Addr
		n.protocols = ",SECURED:SASL_SSL"
		n.more = fmt.Sprintf(`listener.name.secured.ssl.keystore.type=PEM
listener.name.secured.ssl.keystore.location=%s
listener.name.secured.ssl.truststore.type=PEM
listener.name.secured.ssl.truststore.location=%s
listener.name.secured.ssl.client.auth=required
listener.name.secured.sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512
listener.name.secured.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required user_%s="%s";
listener.name.secured.scram-sha-256.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
listener.name.secured.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
`, pair, s.Files.CA, s.User, s.Password)
		for _, mechanism := range []string{"SCRAM-SHA-256", "SCRAM-SHA-512"} {
			n.formatted = append(n.formatted, "--add-scram", fmt.Sprintf("%s=[name=%s,password=%s]", mechanism, s.User, s.Password))
		}
	})
	if err != nil {
		t.Fatal("kafkatest: ", err)
	}
	t.Cleanup(r.stop)
	s.Kafka = &Kafka{Kind: kindReal, t: t, seeds: r.seeds, nodes: r}
	return s
}

// An authority signs certificates for 127.0.0.1 that are good for an hour.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t testing.TB) *authority {
	t.Helper()
	a := &authority{}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal("kafkatest: ", err)
	}
	a.key = key
	template := certificate("authority")
	template.IsCA, template.BasicConstraintsValid, template.KeyUsage = true, true, x509.KeyUsageCertSign
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err == nil {
		a.cert, err = x509.ParseCertificate(der)
	}
	if err != nil {
		t.Fatal("kafkatest: ", err)
	}
	return a
}

func certificate(name string) *x509.Certificate {
	return &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()),
		Subject:      pkix.Name{CommonName: name},
		NotBefore:    time.Now().Add(-time.Minute),
		NotAfter:     time.Now().Add(time.Hour),
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		IPAddresses:  []net.IP{net.IPv4(127, 0, 0, 1)},
	}
}

// sign returns a certificate and its key, in PEM.
func (a *authority) sign(t testing.TB, name string) (cert, key []byte) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal("kafkatest: ", err)
	}
	der, err := x509.CreateCertificate(rand.Reader, certificate(name), a.cert, private.Public(), a.key)
	if err != nil {
		t.Fatal("kafkatest: ", err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal("kafkatest: ", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret})
}

// client writes what a client needs.
func (a *authority) client(t testing.TB) Certificates {
	t.Helper()
	dir := t.TempDir()
	files := Certificates{filepath.Join(dir, "ca.pem"), filepath.Join(dir, "client.pem"), filepath.Join(dir, "client.key")}
	cert, key := a.sign(t, "client")
	write(t, files.CA, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.cert.Raw}))
	write(t, files.Cert, cert)
	write(t, files.Key, key)
	return files
}

// NewCertificates are of an authority that no broker knows.
func NewCertificates(t testing.TB) Certificates {
	t.Helper()
	return newAuthority(t).client(t)
}

func write(t testing.TB, name string, text []byte) {
	t.Helper()
	if err := os.WriteFile(name, text, 0o600); err != nil {
		t.Fatal("kafkatest: ", err)
	}
}
