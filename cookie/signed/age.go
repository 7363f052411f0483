package signed

import "time"

// Age bounds how old a signature may be, by the time stamp that is signed with
// it. The zero Age is no bound.
type Age struct {
	// Max is the greatest age. Default (0): any.
	Max time.Duration

	// Leeway is how far ahead of Now a time stamp may be, and how much older
	// than Max. It counts only with a Max. Default 0.
	Leeway time.Duration

	// Now is the clock. For a log, that may be the time of the record.
	// It is called by the goroutine that decodes. Default time.Now.
	Now func() time.Time
}

// check returns an error if a signature made at the Unix time stamp is out of bounds.
func (a Age) check(stamp int64) error {
	if a.Max <= 0 {
		return nil
	}
	now := clock(a.Now)
	made := time.Unix(stamp, 0)
	if made.After(now.Add(a.Leeway)) || made.Before(now.Add(-a.Max-a.Leeway)) {
		return errExpired
	}
	return nil
}

func clock(now func() time.Time) time.Time {
	if now == nil {
		return time.Now()
	}
	return now()
}
