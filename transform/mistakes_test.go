package transform

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A careless stage or predicate is one of a user's who returned nothing.
type careless struct{ make func() Func }

func (careless) String() string { return "careless" }

func (c careless) Bind(*Binder) (func() Func, error) { return c.make, nil }

type carelessPredicate struct{}

func (carelessPredicate) Bind(*Binder) (func() func(*Record) bool, error) { return nil, nil }

// inside returns s by itself and wherever another stage may have it.
func inside(s Stage) []Stage {
	return []Stage{s, Named("named", s), OnError(OnErrorReject, s), If(And(), s), If(And(), Named("named", OnError(OnErrorReject, s)))}
}

// TestNilFactory: what would be a panic in some worker is told when the chain is built.
func TestNilFactory(t *testing.T) {
	for _, s := range append(inside(careless{}), Filter(carelessPredicate{}), If(Or(Not(carelessPredicate{})))) {
		_, err := NewChain(Int("a"), s)
		require.ErrorIs(t, err, errNilMake, "%v", s)
		assert.ErrorContains(t, err, fmt.Sprintf("stage 1, %v: ", s))
	}
}

// TestNilFunc: a factory that makes nothing costs its records, not the program.
func TestNilFunc(t *testing.T) {
	none := func() Func { return nil }
	for _, s := range append(inside(careless{none}), CustomEach("s", none)) {
		_, err := mustChain(t, s).NewWorker(LTSV{}).Process([]byte("a:1"))
		require.ErrorIs(t, err, errNilFunc, "%v", s)
		assert.ErrorContains(t, err, fmt.Sprintf("stage 0, %v: ", s))
	}
}

// TestNoName: an error must be able to say where it comes from.
func TestNoName(t *testing.T) {
	f := func(*Record) error { return nil }
	for _, s := range []Stage{Custom("", f), CustomEach("", func() Func { return f }), Named("", Int("a"))} {
		_, err := NewChain(Int("a"), s)
		require.ErrorIs(t, err, errUnnamed)
		assert.ErrorContains(t, err, fmt.Sprintf("stage 1, %T: ", s))
	}
}

// TestBools: who appends to the bytes that all records share must not write there.
func TestBools(t *testing.T) {
	for text, v := range map[string]Value{"true": True, "false": False} {
		assert.Equal(t, Value{KindBool, []byte(text)}, v)
		assert.Equal(t, len(v.Bytes), cap(v.Bytes))
	}
	assertStages(t, "a:yes\tb:off", "a=bool(true) b=bool(false) c=bool(true)", Bool("a", "b"), Set("c", True))
}
