package main

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/ltsvpipe/ltsvpipe/internal/kafkatest"
)

// over are the flags that a secured broker wants.
func over(s *kafkatest.Secured, more ...string) []string {
	return append([]string{"-quiet", "-brokers", s.Addr, "-tls", "-tls-ca", s.Files.CA, "-tls-cert", s.Files.Cert, "-tls-key", s.Files.Key}, more...)
}

// TestSecured: the agent and job 1, exactly once, over TLS and SASL; and who is not let in is
// told so at once, also beside a log that is followed, which waits for brokers that are away.
func TestSecured(t *testing.T) {
	kafkatest.EachSecured(t, func(t *testing.T, s *kafkatest.Secured) {
		t.Setenv("KAFKA_USER", s.User)
		t.Setenv("KAFKA_PASSWORD", s.Password)
		_, errs, sum, status := start(t, t.Context(), "", over(s, "-sasl", "SCRAM-SHA-512", "-run", "agent,json", "-n", "500", "-partitions", "2")...)
		require.Zero(t, status, errs)
		assert.EqualValues(t, 500, sum.ReadBack)

		t.Setenv("KAFKA_PASSWORD", "geheim-falsch")
		began := time.Now()
		var stdout, stderr bytes.Buffer
		args := over(s, "-sasl", "SCRAM-SHA-512", "-run", "agent", "-follow", "-file", filepath.Join(t.TempDir(), "log"))
		assert.Equal(t, 1, run(t.Context(), args, nil, &stdout, &stderr))
		assert.Contains(t, stderr.String(), "KAFKA_USER or KAFKA_PASSWORD is wrong")
		assert.NotContains(t, stderr.String(), "geheim")
		assert.Less(t, time.Since(began), 10*time.Second)
	})
}

// TestSecuredAway: brokers that are away, at the start and later, are waited for over TLS and
// SASL as they are without.
func TestSecuredAway(t *testing.T) {
	kafkatest.EachSecured(t, func(t *testing.T, s *kafkatest.Secured) {
		t.Setenv("KAFKA_USER", s.User)
		t.Setenv("KAFKA_PASSWORD", s.Password)
		s.Topic("access.ltsv", 1)
		log := &numberedLog{t: t, path: filepath.Join(t.TempDir(), "access.log")}
		log.write(100)
		s.Kill(0)
		errs, stop := log.ship(over(s, "-sasl", "SCRAM-SHA-256")...)
		require.Eventually(t, func() bool { return strings.Contains(errs.String(), "waiting for one, the log is kept\n") }, 20*time.Second, 20*time.Millisecond)
		s.Restart(0)
		log.arrived(s.Kafka)
		s.Kill(0)
		log.write(100)
		time.Sleep(time.Second)
		s.Restart(0)
		log.arrived(s.Kafka)
		stop()
		log.came(s.Kafka, false)
	})
}

// TestRights: a user who may write one topic and make none needs no more to ship, if the
// topic is there.
func TestRights(t *testing.T) {
	s := kafkatest.StartSecured(t, kfake.SeedTopics(2, "access.ltsv"), kfake.EnableACLs(),
		kfake.User("PLAIN", "agent", "geheim", kfake.ACL{
			Resource: kmsg.ACLResourceTypeTopic, Name: "access.ltsv", Pattern: kmsg.ACLResourcePatternTypeLiteral,
			Operation: kmsg.ACLOperationWrite, Allow: true,
		}, kfake.ACL{
			Resource: kmsg.ACLResourceTypeTopic, Name: "there.is.none", Pattern: kmsg.ACLResourcePatternTypeLiteral,
			Operation: kmsg.ACLOperationDescribe, Allow: true,
		}))
	t.Setenv("KAFKA_USER", "agent")
	t.Setenv("KAFKA_PASSWORD", "geheim")
	args := over(s, "-sasl", "PLAIN", "-run", "agent", "-n", "50")
	_, errs, sum, status := start(t, t.Context(), "", args...)
	require.Zero(t, status, errs)
	assert.EqualValues(t, 50, sum.Shipped)

	_, errs, _, status = start(t, t.Context(), "", append(args, "-topic-in", "there.is.none")...)
	assert.Equal(t, 1, status)
	assert.Contains(t, errs, "make topic there.is.none: TOPIC_AUTHORIZATION_FAILED")
}
