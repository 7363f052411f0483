package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/plugin/kprom"

	"github.com/ltsvpipe/ltsvpipe/examples/internal/brokers"
)

const (
	embeddedBrokers = 3
	pollEvery       = 50 * time.Millisecond
)

// A cluster is the Kafka that the system works on, and the registry of its schemas.
type cluster struct {
	embedded *kfake.Cluster // nil for a real one
	cfg      *config
	kafka    *brokers.Access
	adm      *kadm.Client
	schemas  *schemas
	metrics  *prometheus.Registry // nil if nobody asks for them
}

// connect starts the embedded cluster, or finds the one that cfg names, and makes
// the topics that are missing.
func connect(ctx context.Context, cfg *config) (*cluster, error) {
	kafka, err := cfg.kafka.Access()
	if err != nil {
		return nil, err
	}
	c := &cluster{cfg: cfg, kafka: kafka}
	if cfg.http.addr != "" {
		c.metrics = prometheus.NewRegistry()
	}
	if c.kafka == nil {
		embedded, err := kfake.NewCluster(kfake.NumBrokers(embeddedBrokers))
		if err != nil {
			return nil, fmt.Errorf("start the embedded cluster: %w", err)
		}
		c.embedded, c.kafka = embedded, brokers.At(embedded.ListenAddrs()...)
	}
	cl, err := c.client("admin", kgo.MetadataMinAge(time.Second))
	if err != nil {
		c.close()
		return nil, err
	}
	c.adm = kadm.NewClient(cl)
	if err := c.reach(ctx); err != nil {
		c.close()
		return nil, err
	}
	if c.schemas, err = openSchemas(cfg); err != nil {
		c.close()
		return nil, err
	}
	if err := c.makeTopics(ctx, cfg.topics); err != nil {
		c.close()
		return nil, err
	}
	return c, nil
}

// reach waits for a broker, but not for long: at the start a wrong address is more likely
// than that all are away. Beside a log that is followed it waits on, since the log is the
// buffer, and says so; but not for brokers that are there and do not let it in.
func (c *cluster) reach(ctx context.Context) error {
	for told := false; ; told = true {
		err := c.kafka.Reach(ctx)
		if !errors.Is(err, brokers.ErrAway) || !c.cfg.log.follow || ctx.Err() != nil {
			return err
		}
		if !told {
			fmt.Fprintf(c.cfg.stderr, "accesslog: %v; waiting for one, the log is kept\n", err)
		}
		select {
		case <-time.After(time.Second):
		case <-ctx.Done():
			return err
		}
	}
}

func (c *cluster) String() string {
	if c.embedded != nil {
		return fmt.Sprintf("embedded cluster of %d brokers", embeddedBrokers)
	}
	return "cluster " + c.kafka.String()
}

func (c *cluster) client(part string, opts ...kgo.Opt) (*kgo.Client, error) {
	return kgo.NewClient(c.opts(part, opts)...)
}

// opts are base, and those that every client of the cluster has, for a part.
func (c *cluster) opts(part string, base []kgo.Opt) []kgo.Opt {
	opts := append(append(base, c.kafka.Opts()...),
		kgo.ClientID(c.clientID()),
		kgo.AlwaysRetryEOF()) // a broker that dies ends connections as one that wants TLS does
	if c.metrics != nil {
		opts = append(opts, kgo.WithHooks(kprom.NewMetrics("kafka", kprom.Registerer(c.metrics),
			kprom.WithStaticLabel(prometheus.Labels{"part": part}),
			kprom.FetchAndProduceDetail(kprom.ByTopic, kprom.Records, kprom.Batches, kprom.CompressedBytes, kprom.UncompressedBytes, kprom.ConsistentNaming))))
	}
	return opts
}

// clientID is by what the members of a group tell whose they are.
func (c *cluster) clientID() string { return "accesslog-" + c.cfg.id }

// memberOpts are those of a member of a group. The times have the ratios of those that
// base has, which are 45 s, 30 s and 60 s.
func (c *cluster) memberOpts(part string, base []kgo.Opt) []kgo.Opt {
	session := c.cfg.session
	return append(c.opts(part, base),
		kgo.SessionTimeout(session),
		kgo.RebalanceTimeout(session*2/3),
		kgo.TransactionTimeout(session*4/3),
		kgo.HeartbeatInterval(min(3*time.Second, session/10)))
}

func (c *cluster) close() {
	if c.schemas != nil {
		c.schemas.close()
	}
	if c.adm != nil {
		c.adm.Close()
	}
	if c.embedded != nil {
		c.embedded.Close()
	}
}

func (c *cluster) makeTopics(ctx context.Context, t topicConfig) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	replication := int16(-1)
	if t.replication > 0 {
		replication = int16(t.replication)
	}
	var settings map[string]*string
	if t.retention > 0 {
		ms := strconv.FormatInt(t.retention.Milliseconds(), 10)
		settings = map[string]*string{"retention.ms": &ms}
	}
	for {
		err := c.tryTopics(ctx, t, replication, settings)
		if !kerr.IsRetriable(err) { // the controller may be moving
			return err
		}
		select {
		case <-time.After(pollEvery):
		case <-ctx.Done():
			return err
		}
	}
}

func (c *cluster) tryTopics(ctx context.Context, t topicConfig, replication int16, settings map[string]*string) error {
	made, err := c.adm.CreateTopics(ctx, int32(t.partitions), replication, settings, t.in, t.json, t.avro, t.dlq)
	if err != nil {
		return fmt.Errorf("make topics: %w", err)
	}
	for _, t := range made {
		if errors.Is(t.Err, kerr.TopicAuthorizationFailed) && !c.missing(ctx, t.Topic) {
			continue // who may not make topics may use those that there are
		}
		if t.Err != nil && !errors.Is(t.Err, kerr.TopicAlreadyExists) {
			return fmt.Errorf("make topic %s: %w", t.Topic, t.Err)
		}
	}
	return nil
}

// missing reports whether it is certain that there is no such topic: one that this user may
// not see may be of use to other parts only.
func (c *cluster) missing(ctx context.Context, topic string) bool {
	topics, err := c.adm.ListTopics(ctx, topic)
	return err == nil && errors.Is(topics[topic].Err, kerr.UnknownTopicOrPartition)
}

// ends returns where the partitions of a topic end.
func (c *cluster) ends(ctx context.Context, topic string) (map[int32]int64, error) {
	return offsets(topic, func() (kadm.ListedOffsets, error) { return c.adm.ListEndOffsets(ctx, topic) })
}

// stable returns where they end for who reads committed records.
func (c *cluster) stable(ctx context.Context, topic string) (map[int32]int64, error) {
	return offsets(topic, func() (kadm.ListedOffsets, error) { return c.adm.ListCommittedOffsets(ctx, topic) })
}

func offsets(topic string, list func() (kadm.ListedOffsets, error)) (map[int32]int64, error) {
	listed, err := list()
	if err == nil {
		err = listed.Error()
	}
	if err != nil {
		return nil, fmt.Errorf("end of topic %s: %w", topic, err)
	}
	ends := map[int32]int64{}
	listed.Each(func(o kadm.ListedOffset) { ends[o.Partition] = o.Offset })
	return ends, nil
}

// waitForGroup waits until the group has committed up to these offsets of the topic.
func (c *cluster) waitForGroup(ctx context.Context, group, topic string, ends map[int32]int64) error {
	for {
		committed, err := c.adm.FetchOffsets(ctx, group)
		if err != nil && !errors.Is(err, kerr.GroupIDNotFound) { // it has not met yet
			return fmt.Errorf("offsets of group %s: %w", group, err)
		}
		behind := false
		for p, end := range ends {
			at, ok := committed.Lookup(topic, p)
			behind = behind || !ok || at.At < end
		}
		if !behind {
			return nil
		}
		select {
		case <-time.After(pollEvery):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
