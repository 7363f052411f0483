package transform

// A Stage is one operation on records. It is configuration: immutable, and shared by all
// chains and workers that it is put into. A String method, if it has one, gives the name
// by which it is printed in chains, errors and statistics; the name must show no key.
// Without one it is the name of its type.
type Stage interface {
	// Bind checks the configuration, once a chain, and returns a factory that is
	// called once a worker: what a Func needs for itself (caches, scratch,
	// counters) the factory makes.
	Bind(b *Binder) (func() Func, error)
}

// A Func does the work of a stage on one record, for one worker. It returns nil to
// go on, [ErrSkip] to drop the record, or the reason to reject it, which must not
// quote what the record holds.
type Func func(*Record) error

// Named gives a stage another name in errors, statistics and when its chain is printed. It
// must not be empty.
func Named(name string, s Stage) Stage { return named{name, s} }

type named struct {
	name  string
	inner Stage
}

func (n named) String() string { return n.name }

func (n named) Bind(b *Binder) (func() Func, error) {
	if n.name == "" {
		return nil, errUnnamed
	}
	return bindStage(b, n.inner)
}

// Custom returns a stage of the caller's own. The name must not be empty. Many workers call
// f at once; [CustomEach] makes a Func for each.
func Custom(name string, f Func) Stage {
	if f == nil {
		return custom{name, nil}
	}
	return CustomEach(name, func() Func { return f })
}

// CustomEach returns a stage of the caller's own with a Func for each worker.
func CustomEach(name string, f func() Func) Stage { return custom{name, f} }

type custom struct {
	name string
	make func() Func
}

func (c custom) Bind(*Binder) (func() Func, error) {
	switch {
	case c.name == "":
		return nil, errUnnamed
	case c.make == nil:
		return nil, errNilFunc
	}
	return c.make, nil
}

func (c custom) String() string { return c.name }
