package avroschema

import (
	"slices"
	"strings"
)

// hiveWords are the words that Hive 4.1 takes for its own, in order: a column of such a
// name is an error in a query, or for true, null and the like another value.
var hiveWords = strings.Fields(`
all alter and any array as authorization between bigint binary boolean both by case cast char column commit
conf constraint convert create cross cube current current_date current_timestamp cursor database date decimal
delete describe distinct double drop else end except exchange exists extended external extract false fetch
float floor following for foreign from full function grant group grouping having if import in inner insert int
intersect interval into is join lateral leading left less like local macro map merge minus more none not null
of on only or order out outer over partition percent preceding precision prepare preserve primary procedure
qualify range reads real reduce references regexp revoke right rlike rollback rollup row rows select set
smallint some start sync table tablesample then time timestamp to trailing transform trigger true truncate
unbounded union unique uniquejoin update user using values varchar when where window with
`)

// needsBackquotes reports whether queries must have backquotes around a column's name.
func needsBackquotes(name string) bool {
	_, found := slices.BinarySearch(hiveWords, strings.ToLower(name))
	return found || strings.HasPrefix(name, "_")
}
