package textconv

// Date reads 2026-11-22 into days since 1970, of the years 0 to 9999.
func (p *TimeReader) Date(s []byte) (days int64, ok bool) {
	if len(s) != len(p.isoDay) || !p.readDay([10]byte(s)) {
		return 0, false
	}
	return Days(p.isoSec), true
}

// Days returns the day in which a second is, counted from 1970 as that is.
func Days(sec int64) int64 {
	days := sec / SecondsADay
	if sec%SecondsADay < 0 {
		days--
	}
	return days
}

// Clock reads 16:00:49 and 16:00:49.567 into nanoseconds since midnight. Of a fraction
// nine digits count.
func Clock(s []byte) (nsec int64, ok bool) {
	if len(s) < 8 {
		return 0, false
	}
	sec, ok := clock(s[:8])
	nsec = sec * 1e9
	if rest := s[8:]; len(rest) > 0 {
		if rest[0] != '.' && rest[0] != ',' || len(rest) == 1 || CountDigits(rest[1:]) < len(rest)-1 {
			return 0, false
		}
		nsec += int64(fraction(rest[1:]))
	}
	return nsec, ok
}
