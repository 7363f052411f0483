package transform

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestMaxSize(t *testing.T) {
	const line = "a:12345\tbb:123\tc:-\td:1" // 5+1 + 3+2 + 1 + 1+1 = 14
	none := NullTokens([]string{"-"})
	all := []string{"a=12345", "bb=123", "c=null", "d=1"}
	assert.Equal(t, all, onLine(t, line, none, MaxSize(14)))
	for _, c := range []struct {
		policy Policy
		max    int
		want   []string
		failed int64
	}{
		{OnErrorKeep, 13, all, 1},
		{OnErrorDropField, 13, []string{"bb=123", "c=null", "d=1"}, 1},
		{OnErrorDropField, 7, []string{"c=null", "d=1"}, 2},
		{OnErrorDropField, 1, []string{"c=null"}, 3},
		{OnErrorNull, 13, []string{"a=null", "bb=123", "c=null", "d=1"}, 1},
		{OnErrorNull, 5, []string{"a=null", "bb=null", "c=null", "d=null"}, 3},
	} {
		w := mustChain(t, none, OnError(c.policy, MaxSize(c.max))).NewWorker(LTSV{})
		rec, err := w.Process([]byte(line))
		require.NoError(t, err)
		assert.Equal(t, c.want, dump(rec), "%v %d", c.policy, c.max)
		assert.Equal(t, c.failed, w.Stats().Stages[1].Failed)
	}
	for _, s := range []Stage{MaxSize(13), OnError(OnErrorReject, MaxSize(13)), OnError(OnErrorNull, MaxSize(4)), OnError(OnErrorFail, MaxSize(13))} {
		w := mustChain(t, none, s).NewWorker(LTSV{})
		_, err := w.Process([]byte(line))
		require.ErrorIs(t, err, errTooLarge)
		assert.NotContains(t, err.Error(), "12345")
		assert.EqualValues(t, 1, w.Stats().Rejected)
	}
	assert.Equal(t, []bool{false}, kept(t, mustChain(t, OnError(OnErrorSkip, MaxSize(1))), line))
	assert.Equal(t, []string{"a=12345", "d=1"}, onLine(t, line, Drop("bb", "c"), MaxSize(8)), "what is gone does not count")
	assert.Equal(t, []string{"ua=" + strings.Repeat("x", 100)}, onLine(t, "ua:"+strings.Repeat("x", 65536), Truncate(100), MaxSize(102)))
	assert.Equal(t, "MaxSize(14)", stageName(MaxSize(14)))
	refused(t, MaxSize(0), MaxSize(-1))
}

func TestMaxSizeDoesNotAllocate(t *testing.T) {
	allocatesNothing(t, []string{"a:1\tb:12345678901234567890", "a:1", strings.Repeat("x", 20) + ":1\tb:2"}, OnError(OnErrorDropField, MaxSize(10)))
}

func FuzzMaxSize(f *testing.F) {
	f.Add("a:12345\tbb:123\tc:-\td:1", uint8(13))
	f.Add("a:\tb:\tccc:", uint8(2))
	f.Fuzz(func(t *testing.T, line string, max uint8) {
		for _, policy := range []Policy{OnErrorNull, OnErrorDropField, OnErrorReject} {
			w := mustChain(t, OnError(policy, MaxSize(1+int(max)))).NewWorker(LTSV{})
			rec, err := w.Decode([]byte(line))
			if err != nil {
				return
			}
			size, labels := 0, 0
			for label, v := range rec.All() {
				size += len(label) + len(v.Bytes)
				labels += len(label)
			}
			fields, before := rec.Len(), strings.Join(dump(rec), "\n")
			err = w.Run()
			limit := 1 + int(max)
			if wantErr := size > limit && (policy == OnErrorReject || policy == OnErrorNull && labels > limit); wantErr != (err != nil) {
				t.Fatalf("%q: %v", line, err)
			}
			if err != nil {
				continue
			}
			if size <= limit && before != strings.Join(dump(rec), "\n") {
				t.Fatalf("%q was changed", line)
			}
			after := 0
			for label, v := range rec.All() {
				after += len(label)
				if v.Kind != KindNull {
					after += len(v.Bytes)
				}
			}
			if after > limit || policy == OnErrorNull && rec.Len() != fields {
				t.Fatalf("%q: %d of %d bytes, %d of %d fields", line, after, limit, rec.Len(), fields)
			}
		}
	})
}
