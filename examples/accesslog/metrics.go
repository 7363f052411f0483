package main

import (
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// A collector makes metrics of what the parts have counted, when it is asked. What the
// clients count, kprom adds.
type collector struct{ watch *watch }

func desc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("accesslog_"+name, help, append([]string{"part"}, labels...), nil)
}

var (
	readDesc     = desc("read_records_total", "Records read, of batches that are settled.")
	settledDesc  = desc("settled_records_total", "What became of the records read.", "result")
	batchDesc    = desc("batch_seconds", "Time that settled batches took, by stage.", "stage")
	redoneDesc   = desc("redone_batches_total", "Batches that were not committed, and are read again.")
	survivedDesc = desc("survived_errors_total", "Errors after which the part went on: rebalances, brokers or nodes that were away.")
	lagDesc      = desc("lag_records", "Records that the consumer group has yet to read, by all its processes.", "group", "topic", "partition")
	stuckDesc    = desc("waiting_lines", "Lines that the agent has sent and no broker has acknowledged.")
	illDesc      = desc("ill", "Whether the part does not get on: /healthz says why.")
	askedDesc    = prometheus.NewDesc("accesslog_brokers_answered_timestamp_seconds", "When the brokers told the lag last.", nil, nil)
)

// Describe implements prometheus.Collector.
func (collector) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{readDesc, settledDesc, batchDesc, redoneDesc, survivedDesc, lagDesc, stuckDesc, illDesc, askedDesc} {
		ch <- d
	}
}

// Collect implements prometheus.Collector.
func (c collector) Collect(ch chan<- prometheus.Metric) {
	s, away := c.watch.system, c.watch.troubleOfKafka() != ""
	if a := s.agent; a != nil {
		c.tally(ch, "agent", &a.tally)
		ch <- prometheus.MustNewConstMetric(stuckDesc, prometheus.GaugeValue, float64(a.waiting()), "agent")
		c.ill(ch, "agent", c.watch.troubleOfAgent())
	}
	for _, j := range s.jobs {
		c.tally(ch, j.part, &j.tally)
		c.ill(ch, j.part, c.watch.troubleOfJob(j))
		if away {
			continue // what is known is of a time long ago
		}
		for _, p := range c.watch.lagOf(j.part).partitions {
			ch <- prometheus.MustNewConstMetric(lagDesc, prometheus.GaugeValue, float64(p.records), j.part, j.group, j.in, strconv.Itoa(int(p.partition)))
		}
	}
	if s.dash != nil {
		c.tally(ch, "dash", &s.dash.tally)
		c.ill(ch, "dash", c.watch.troubleOfDash())
	}
	ch <- prometheus.MustNewConstMetric(askedDesc, prometheus.GaugeValue, float64(c.watch.answered().UnixMilli())/1000)
}

func (collector) ill(ch chan<- prometheus.Metric, part, trouble string) {
	ill := 0.0
	if trouble != "" {
		ill = 1
	}
	ch <- prometheus.MustNewConstMetric(illDesc, prometheus.GaugeValue, ill, part)
}

func (collector) tally(ch chan<- prometheus.Metric, part string, t *tally) {
	counter := func(d *prometheus.Desc, n int64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(n), append([]string{part}, labels...)...)
	}
	n := t.counts()
	counter(readDesc, n.Read)
	counter(settledDesc, n.Written, "written")
	counter(settledDesc, n.Skipped, "skipped")
	counter(settledDesc, n.Rejected, "rejected")
	counter(settledDesc, n.Duplicates, "duplicate")
	counter(redoneDesc, t.redone.Load())
	counter(survivedDesc, t.survived.Load())
	for stage, ns := range t.stages() {
		if ns.Load() == 0 {
			continue // no batch yet, or the part has no such stage
		}
		ch <- prometheus.MustNewConstSummary(batchDesc, uint64(t.batches.Load()), time.Duration(ns.Load()).Seconds(), nil, part, stage)
	}
}
