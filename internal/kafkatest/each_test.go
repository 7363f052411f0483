package kafkatest

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kgo"
)

func TestMain(m *testing.M) { os.Exit(Main(m)) }

// TestEach: what a cluster can do, either kind can.
func TestEach(t *testing.T) {
	for _, brokers := range []int{1, 3} {
		t.Run(fmt.Sprint(brokers), func(t *testing.T) {
			Each(t, brokers, func(t *testing.T, k *Kafka) {
				require.Equal(t, brokers, k.Nodes())
				for range 2 { // and topics by the same name again, after a wipe
					k.Topic("a", 2)
					assert.Empty(t, k.Read("a"))
					assert.Equal(t, map[int32]int64{0: 0, 1: 0}, k.End("a"))
					k.Produce(&kgo.Record{Topic: "a", Partition: 1, Value: []byte("1")})
					assert.Equal(t, map[int32]int64{0: 0, 1: 1}, k.End("a"))
					require.Len(t, k.Read("a"), 1)
					assert.Empty(t, k.Committed("g", "a"))
					k.wipe()
				}
				k.Topic("a", 1)
				if brokers == 1 {
					k.Produce(&kgo.Record{Topic: "a", Value: []byte("1")})
					k.Kill(0)
					cl := k.Client()
					ctx, cancel := context.WithTimeout(t.Context(), time.Second)
					defer cancel()
					require.Error(t, cl.Ping(ctx), "it is away")
					k.Restart(0)
					assert.Len(t, k.Read("a"), 1, "and has what it had")
					return
				}
				k.Produce(&kgo.Record{Topic: "a", Value: []byte("1")})
				k.Move("a", 0, 2)
				assert.Equal(t, 2, k.Leader("a", 0))
				k.Kill(2)
				k.Produce(&kgo.Record{Topic: "a", Value: []byte("2")})
				assert.NotEqual(t, 2, k.Leader("a", 0))
				k.Restart(2)
				k.Move("a", 0, 2)
				assert.Equal(t, 2, k.Leader("a", 0))
				assert.Len(t, k.Read("a"), 2)
			})
		})
	}
}
