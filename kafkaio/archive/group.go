package archive

import (
	"errors"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ltsvpipe/ltsvpipe/kafkaio"
)

// commitAgain is how long after a refused commit the next one comes, if none
// comes by itself.
const commitAgain = time.Second

// vouch asks the group about partitions that another owner has claimed: if it
// still counts us in, they are ours and the other has lost them, or will hear
// of it. If it does not, the client will, and until then nothing is claimed:
// it would throw away what the rightful owner has open.
func (r *run) vouch(in []kafkaio.Stretch) error {
	fenced := make(map[string]map[int32]kgo.EpochOffset)
	for i := range in {
		at := place{in[i].Topic, in[i].Partition}
		if p := r.parts[at]; p.doubt {
			set(fenced, at, p.settled)
		}
	}
	if len(fenced) == 0 {
		return nil
	}
	err := r.source.CommitAt(r.work, fenced) // which a member alone may do
	if errors.Is(err, kafkaio.ErrNotCommitted) {
		r.survive(err)
		return nil
	}
	for topic, partitions := range fenced {
		for number := range partitions {
			r.parts[place{topic, number}].doubt = err != nil
		}
	}
	return err
}

// assigned throws away what is open of partitions that the group has given to
// others. Not to land it is no loss, and keeps nobody waiting.
func (r *run) assigned() {
	_, generation := r.cl.GroupMetadata()
	if generation == r.generation {
		return
	}
	r.generation = generation
	// Between them they have all partitions that are assigned and were polled.
	committed, read := r.cl.CommittedOffsets(), r.cl.UncommittedOffsets()
	for at, p := range r.parts {
		p.fences = 0
		if has(committed, at) || has(read, at) {
			continue
		}
		if !p.since.IsZero() {
			r.survive(&PartitionError{at.topic, at.partition, ErrRevoked})
		}
		p.discard()
		delete(r.parts, at)
	}
}

// seek sets the client to where partitions want to read.
func (r *run) seek() {
	to := make(map[string]map[int32]kgo.EpochOffset)
	for at, p := range r.parts {
		if p.seek {
			p.seek = false
			set(to, at, kgo.EpochOffset{Epoch: p.leader, Offset: p.next})
		}
	}
	r.cl.SetOffsets(to)
}

func has(m map[string]map[int32]kgo.EpochOffset, at place) bool {
	_, ok := m[at.topic][at.partition]
	return ok
}

func set(m map[string]map[int32]kgo.EpochOffset, at place, to kgo.EpochOffset) {
	if m[at.topic] == nil {
		m[at.topic] = make(map[int32]kgo.EpochOffset)
	}
	m[at.topic][at.partition] = to
}

// commit tells the group what has landed. It is for those who look at lag, and
// for where to begin reading: what has landed is known without, and a refusal
// costs nothing.
func (r *run) commit() error {
	r.again = time.Time{}
	landed := make(map[string]map[int32]kgo.EpochOffset)
	for at, p := range r.parts {
		if p.owned && p.told < p.settled.Offset {
			set(landed, at, p.settled)
		}
	}
	if len(landed) == 0 {
		return nil
	}
	err := r.source.CommitAt(r.work, landed)
	if errors.Is(err, kafkaio.ErrNotCommitted) {
		r.again = time.Now().Add(commitAgain)
		r.survive(err)
		return nil
	}
	if err != nil {
		return err
	}
	for topic, partitions := range landed {
		for number, to := range partitions {
			r.parts[place{topic, number}].told = to.Offset
		}
	}
	return nil
}
