package kafkatest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// Group tells the state of a group and, a line each, its members, whose
// ids begin with their clients', and what was assigned to them.
func (k *Kafka) Group(group string) string {
	k.t.Helper()
	text := ""
	k.retry("describe group "+group, func(ctx context.Context, cl *kgo.Client) error {
		req := kmsg.NewPtrDescribeGroupsRequest()
		req.Groups = append(req.Groups, group)
		resp, err := req.RequestWith(ctx, cl)
		if err != nil {
			return err
		}
		g := resp.Groups[0]
		if err := kerr.ErrorForCode(g.ErrorCode); err != nil {
			return err
		}
		members := make([]string, 0, len(g.Members))
		for _, m := range g.Members {
			members = append(members, fmt.Sprintf("\n  %s:%s", m.MemberID, assigned(m.MemberAssignment)))
		}
		slices.Sort(members)
		text = fmt.Sprintf("group %s: %s%s", group, g.State, strings.Join(members, ""))
		return nil
	})
	return text
}

// assigned is " topic[partitions]" for each topic of a classic member.
func assigned(to []byte) (text string) {
	var a kmsg.ConsumerMemberAssignment
	if err := a.ReadFrom(to); err != nil {
		return " nothing"
	}
	for _, t := range a.Topics {
		text += fmt.Sprintf(" %s%v", t.Topic, t.Partitions)
	}
	return text
}

// Transactions tells, a line each, of the transactional ids and their producers,
// and how long a transaction has been open, and on what, if one is.
func (k *Kafka) Transactions() string {
	k.t.Helper()
	var lines []string
	k.retry("describe transactions", func(ctx context.Context, cl *kgo.Client) error {
		known, err := kmsg.NewPtrListTransactionsRequest().RequestWith(ctx, cl)
		if err != nil {
			return err
		}
		req := kmsg.NewPtrDescribeTransactionsRequest()
		for _, s := range known.TransactionStates {
			if !slices.Contains(req.TransactionalIDs, s.TransactionalID) { // each fake broker lists all
				req.TransactionalIDs = append(req.TransactionalIDs, s.TransactionalID)
			}
		}
		if lines = nil; len(req.TransactionalIDs) == 0 {
			return nil
		}
		resp, err := req.RequestWith(ctx, cl)
		if err != nil {
			return err
		}
		for _, s := range resp.TransactionStates {
			if err := kerr.ErrorForCode(s.ErrorCode); err != nil {
				return err
			}
			line := fmt.Sprintf("\n  %s: producer %d epoch %d, %s", s.TransactionalID, s.ProducerID, s.ProducerEpoch, s.State)
			if s.StartTimestamp > 0 {
				line += fmt.Sprintf(" for %v", time.Since(time.UnixMilli(s.StartTimestamp)).Round(time.Millisecond))
			}
			for _, t := range s.Topics {
				line += fmt.Sprintf(" %s%v", t.Topic, t.Partitions)
			}
			lines = append(lines, line)
		}
		return nil
	})
	slices.Sort(lines)
	return "transactions:" + strings.Join(lines, "")
}
