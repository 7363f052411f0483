package brokers

import (
	"context"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ltsvpipe/ltsvpipe/internal/kafkatest"
)

func TestMain(m *testing.M) { os.Exit(kafkatest.Main(m)) }

func parse(t *testing.T, args ...string) (*Access, error) {
	t.Helper()
	fs := flag.NewFlagSet("test", flag.ContinueOnError)
	var f Flags
	f.Add(fs, "there is none")
	require.NoError(t, fs.Parse(args))
	return f.Access()
}

// TestReach: who is let in is, by each mechanism; who is not hears why within seconds,
// and is not told to wait.
func TestReach(t *testing.T) {
	kafkatest.EachSecured(t, func(t *testing.T, s *kafkatest.Secured) {
		other := kafkatest.NewCertificates(t)
		tls := []string{"-brokers", s.Addr, "-tls", "-tls-ca", s.Files.CA, "-tls-cert", s.Files.Cert, "-tls-key", s.Files.Key}
		with := func(more ...string) []string { return append(tls[:len(tls):len(tls)], more...) }
		for name, tt := range map[string]struct {
			args           []string
			user, password string // other than what is right
			want           string // empty: it is let in
		}{
			"PLAIN":                {args: with("-sasl", "PLAIN")},
			"SCRAM-SHA-256":        {args: with("-sasl", "scram-sha-256")},
			"SCRAM-SHA-512":        {args: with("-sasl", "SCRAM-SHA-512")},
			"no TLS, no SASL":      {args: []string{"-brokers", s.Plain}},
			"one is away":          {args: with("-brokers", "127.0.0.1:1,"+s.Addr, "-sasl", "PLAIN")},
			"wrong password":       {args: with("-sasl", "SCRAM-SHA-512"), password: "falsch-42", want: "KAFKA_USER or KAFKA_PASSWORD is wrong"},
			"wrong password PLAIN": {args: with("-sasl", "PLAIN"), password: "falsch-42", want: "KAFKA_USER or KAFKA_PASSWORD is wrong"},
			"wrong user":           {args: with("-sasl", "SCRAM-SHA-256"), user: "falsch-42", want: "KAFKA_USER or KAFKA_PASSWORD is wrong"},
			"wrong CA":             {args: with("-tls-ca", other.CA, "-sasl", "PLAIN"), want: "the brokers' certificate is none to trust by -tls-ca: "},
			"no CA":                {args: []string{"-brokers", s.Addr, "-tls"}, want: "the brokers' certificate is none to trust by -tls-ca: "},
			"wrong certificate":    {args: with("-tls-cert", other.Cert, "-tls-key", other.Key, "-sasl", "PLAIN"), want: "-tls-cert and -tls-key are missing or wrong"},
			"no certificate":       {args: []string{"-brokers", s.Addr, "-tls", "-tls-ca", s.Files.CA}, want: "-tls-cert and -tls-key are missing or wrong"},
			"no TLS":               {args: []string{"-brokers", s.Addr}, want: "-tls is missing"},
			"no TLS, SASL":         {args: []string{"-brokers", s.Addr, "-sasl", "PLAIN"}, want: "-tls is missing"},
			"no SASL":              {args: with(), want: "the brokers want SASL, PLAIN or SCRAM-SHA-256 or SCRAM-SHA-512: -sasl is missing"},
			"TLS to a plain port":  {args: with("-brokers", s.Plain), want: "the brokers speak no TLS at this port"},
			"SASL to a plain port": {args: []string{"-brokers", s.Plain, "-sasl", "PLAIN"}, want: "the brokers know no SASL at this port"},
			"two, one refuses":     {args: []string{"-brokers", s.Addr + ",127.0.0.1:1"}, want: "-tls is missing"},
		} {
			t.Run(name, func(t *testing.T) {
				if s.Fake && name == "SASL to a plain port" {
					t.Skip("a fake takes part in SASL whether it wants it or not")
				}
				t.Setenv("KAFKA_USER", or(tt.user, s.User))
				t.Setenv("KAFKA_PASSWORD", or(tt.password, s.Password))
				a, err := parse(t, tt.args...)
				require.NoError(t, err)
				began := time.Now()
				err = a.Reach(t.Context())
				assert.Less(t, time.Since(began), 10*time.Second)
				for _, secret := range []string{s.Password, "falsch-42"} {
					assert.NotContains(t, fmt.Sprintf("%v %+v %#v %v", a, *a, *a, err), secret)
				}
				if tt.want != "" {
					require.ErrorContains(t, err, tt.want)
					assert.NotErrorIs(t, err, ErrAway)
					return
				}
				require.NoError(t, err)
				cl, err := kgo.NewClient(a.Opts()...)
				require.NoError(t, err)
				defer cl.Close()
				assert.NoError(t, cl.Ping(t.Context()))
			})
		}
	})
}

func or(text, otherwise string) string {
	if text != "" {
		return text
	}
	return otherwise
}

// TestAway: what is not there may come.
func TestAway(t *testing.T) {
	assert.ErrorIs(t, At("127.0.0.1:1", "127.0.0.1:2").Reach(t.Context()), ErrAway)
	k := kafkatest.Start(t)
	k.Kill(0) // it accepts, and hangs up at once
	assert.ErrorIs(t, At(k.Seeds()...).Reach(t.Context()), ErrAway)
	k.Restart(0)
	assert.NoError(t, At(k.Seeds()...).Reach(t.Context()))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	assert.ErrorIs(t, At(k.Seeds()...).Reach(ctx), context.Canceled)
}

// TestHangsUpOnce: a broker that is about to end hangs up as one that refuses may, and does
// so once.
func TestHangsUpOnce(t *testing.T) {
	s := kafkatest.StartSecured(t)
	door, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer door.Close()
	go func() {
		for first := true; ; first = false {
			conn, err := door.Accept()
			if err != nil {
				return
			}
			if first {
				conn.Close()
				continue
			}
			broker, err := net.Dial("tcp", s.Addr)
			if err != nil {
				conn.Close()
				return
			}
			go func() { defer broker.Close(); _, _ = io.Copy(broker, conn) }()
			go func() { defer conn.Close(); _, _ = io.Copy(conn, broker) }()
		}
	}()
	t.Setenv("KAFKA_USER", s.User)
	t.Setenv("KAFKA_PASSWORD", s.Password)
	a, err := parse(t, "-brokers", door.Addr().String(), "-tls", "-tls-ca", s.Files.CA, "-tls-cert", s.Files.Cert, "-tls-key", s.Files.Key, "-sasl", "PLAIN")
	require.NoError(t, err)
	assert.NoError(t, a.Reach(t.Context()))
}

// TestFlags: what does not go together is told before anything is sent.
func TestFlags(t *testing.T) {
	files := kafkatest.NewCertificates(t)
	none := filepath.Join(t.TempDir(), "none")
	a, err := parse(t)
	assert.NoError(t, err)
	assert.Nil(t, a)
	for _, tt := range []struct {
		want string
		args []string
	}{
		{"need -brokers", []string{"-tls"}},
		{"need -brokers", []string{"-sasl", "PLAIN"}},
		{"need -tls", []string{"-brokers", "a", "-tls-ca", files.CA}},
		{"need each other", []string{"-brokers", "a", "-tls", "-tls-key", files.Key}},
		{"-tls-ca: open " + none, []string{"-brokers", "a", "-tls", "-tls-ca", none}},
		{"no certificates in it", []string{"-brokers", "a", "-tls", "-tls-ca", files.Key}},
		{"-tls-cert, -tls-key: ", []string{"-brokers", "a", "-tls", "-tls-cert", files.CA, "-tls-key", files.Key}},
		{"-sasl needs KAFKA_USER and KAFKA_PASSWORD", []string{"-brokers", "a", "-sasl", "PLAIN"}},
	} {
		_, err := parse(t, tt.args...)
		assert.ErrorContains(t, err, tt.want)
	}
	t.Setenv("KAFKA_USER", "alice")
	t.Setenv("KAFKA_PASSWORD", "geheim")
	_, err = parse(t, "-brokers", "a", "-sasl", "GSSAPI")
	assert.EqualError(t, err, `-sasl "GSSAPI": must be plain, scram-sha-256 or scram-sha-512`)
}
